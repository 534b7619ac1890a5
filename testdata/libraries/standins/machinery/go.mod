module github.com/RichardKnop/machinery

go 1.26.0
