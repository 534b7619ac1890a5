// Package libraries keeps every library that the catalog and the entry points
// speak of in this module's go.mod, so that their symbols can be checked.
package libraries

import (
	// Databases.
	_ "crawshaw.io/sqlite"
	_ "crawshaw.io/sqlite/sqlitex"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/go-redis/redis/v8"
	_ "github.com/gomodule/redigo/redis"
	_ "github.com/jackc/pgconn"
	_ "github.com/jackc/pgx/v4"
	_ "github.com/jackc/pgx/v4/pgxpool"
	_ "github.com/jackc/pgx/v4/stdlib"
	_ "github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/jmoiron/sqlx"
	_ "github.com/marcboeker/go-duckdb/v2"
	_ "github.com/mattn/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/redis/go-redis/v9"
	_ "go.etcd.io/bbolt"
	_ "go.mongodb.org/mongo-driver/mongo"
	_ "go.mongodb.org/mongo-driver/v2/mongo"
	_ "gorm.io/gorm"
	_ "modernc.org/sqlite"
	_ "zombiezen.com/go/sqlite"
	_ "zombiezen.com/go/sqlite/sqlitex"

	// Networks.
	_ "github.com/coder/websocket"
	_ "github.com/gorilla/websocket"
	_ "github.com/rabbitmq/amqp091-go"
	_ "github.com/streadway/amqp"
	_ "google.golang.org/grpc"
	_ "nhooyr.io/websocket"

	// Where code starts to run concurrently.
	_ "github.com/gin-gonic/gin"
	_ "github.com/go-chi/chi/v5"
	_ "github.com/gofiber/fiber/v2"
	_ "github.com/gorilla/mux"
	_ "github.com/julienschmidt/httprouter"
	_ "github.com/labstack/echo/v4"
	_ "github.com/panjf2000/ants/v2"
	_ "github.com/sourcegraph/conc"
	_ "github.com/valyala/fasthttp"
	_ "golang.org/x/sync/errgroup"
)
