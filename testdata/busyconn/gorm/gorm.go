// Package gorm holds transactions of gorm.
package gorm

import (
	"gorm.io/gorm"

	_ "github.com/go-sql-driver/mysql"
)

type job struct{ ID int }

// BadCreatePerRow writes through the transaction whose rows are open.
func BadCreatePerRow(db *gorm.DB) error {
	tx := db.Begin()
	if tx.Error != nil {
		return tx.Error
	}
	defer tx.Rollback()
	rows, err := tx.Model(&job{}).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j job
		if err := tx.ScanRows(rows, &j); err != nil {
			return err
		}
		if err := tx.Create(&job{ID: -j.ID}).Error; err != nil { // want "tx.Create is called while rows is open \\(busy buffer\\)"
			return err
		}
	}
	return tx.Commit().Error
}

// BadUpdateChain ends a chain on it.
func BadUpdateChain(db *gorm.DB) error {
	tx := db.Begin()
	if tx.Error != nil {
		return tx.Error
	}
	defer tx.Rollback()
	rows, err := tx.Raw("select id from jobs").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := tx.Model(&job{}).Where("id = ?", 1).Update("seen", true).Error; err != nil { // want "Update is called while rows is open"
			return err
		}
	}
	return tx.Commit().Error
}

// OkPoolRows is on the opened database.
func OkPoolRows(db *gorm.DB) error {
	rows, err := db.Model(&job{}).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j job
		if err := db.ScanRows(rows, &j); err != nil {
			return err
		}
		if err := db.Delete(&j).Error; err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkFind reads into a slice.
func OkFind(db *gorm.DB) error {
	tx := db.Begin()
	if tx.Error != nil {
		return tx.Error
	}
	defer tx.Rollback()
	var jobs []job
	if err := tx.Find(&jobs).Error; err != nil {
		return err
	}
	for _, j := range jobs {
		if err := tx.Delete(&j).Error; err != nil {
			return err
		}
	}
	return tx.Commit().Error
}

// OkScanRows reads the rows with the transaction they are of: that asks the server nothing.
func OkScanRows(db *gorm.DB) (all []job, err error) {
	tx := db.Begin()
	if tx.Error != nil {
		return nil, tx.Error
	}
	defer tx.Rollback()
	rows, err := tx.Model(&job{}).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j job
		if err := tx.ScanRows(rows, &j); err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	return all, tx.Commit().Error
}
