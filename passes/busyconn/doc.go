// Package busyconn reports calls on connections that are busy with an open result.
//
// # Analyzer busyconn
//
// busyconn: report calls on a connection or transaction while its rows, batch or transfer is still open
//
// # What it does
//
// It follows each result set, row without Scan, batch and data transfer from
// the call that opens it to the call that closes it, and reports any other
// call on the connection or transaction it lives on in between, made here or
// in a function called here.
//
// It speaks only where the library refuses such a call: pgx connections,
// leases and transactions, FTP connections; transactions and connections of
// database/sql, sqlx and gorm if the package, or one it imports, imports a
// driver that refuses it (lib/pq, pgx, mysql, mssql) and none that allows it
// (SQLite, DuckDB). Pools give each call a connection of its own: they are
// never reported.
//
// # Why is this bad?
//
// The driver answers "conn busy", "busy buffer" or "there is already a query
// being processed", drops the connection, or reads the reply of another call.
// It works in tests on small or empty tables, where the first result is read
// to its end before the second call is made.
//
// # Example
//
//	rows, err := tx.Query(ctx, "select id from job")
//	if err != nil {
//		return err
//	}
//	defer rows.Close()
//	for rows.Next() {
//		var id int
//		if err := rows.Scan(&id); err != nil {
//			return err
//		}
//		if _, err := tx.Exec(ctx, "delete from job where id = $1", id); err != nil { // conn busy
//			return err
//		}
//	}
//
// # Use instead
//
//	rows, err := tx.Query(ctx, "select id from job")
//	if err != nil {
//		return err
//	}
//	ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
//	if err != nil {
//		return err
//	}
//	for _, id := range ids {
//		if _, err := tx.Exec(ctx, "delete from job where id = $1", id); err != nil {
//			return err
//		}
//	}
//
// # Known problems
//
// A package that uses database/sql and does not import its driver, not even
// through another package, is judged in the strict profile only.
package busyconn
