//! The answers on disk: a small SQLite file beside the shop's database. It belongs to nobody alone: every process of the shop
//! reads and writes it, and a file that is lost or damaged costs time, never an answer.
//!
//! One thread writes, in batches. What it has not written yet is read from memory, so a reader sees what was put before it
//! looked.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::checks::{LONGEST, now};
use crate::edge::SkuAnswer;

/// The file's name in the data directory.
const FILE: &str = "edge.db";
/// The layout that this build reads and writes. Another one is thrown away with what is in it.
const LAYOUT: i64 = 1;
/// Answers in the file; beyond, those that end first go.
const MOST: i64 = 100_000;
/// Answers that wait to be written; beyond, they are kept in memory alone.
const QUEUE: usize = 4_096;
/// How long the thread gathers before it writes.
const GATHER: Duration = Duration::from_millis(50);
/// How often what has ended is removed.
const SWEEP: Duration = Duration::from_secs(60);
/// How long another process may keep the file to itself.
const BUSY: Duration = Duration::from_secs(2);

type Key = (Arc<str>, Arc<str>);

/// An answer of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was answered.
    pub answer: SkuAnswer,
    /// When it is of no use any more, in Unix milliseconds.
    pub until: i64,
}

/// The file. It is closed, with all that was put, when this is dropped.
pub struct AnswerFile {
    reader: Mutex<Connection>,
    pending: Arc<Mutex<HashMap<Key, Option<Row>>>>,
    queue: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

enum Job {
    /// There is something pending.
    Write,
    Views(Vec<(String, u64)>),
    Changes(i64),
    Clear(SyncSender<()>),
}

impl AnswerFile {
    /// Opens the file in a data directory; `None`, and a line in the log, when it cannot be had.
    pub fn open(directory: &Path) -> Option<AnswerFile> {
        let path = directory.join(FILE);
        let opened = connect(&path).or_else(|_| {
            // Whatever it was, it is not worth more than a new one.
            for suffix in ["", "-wal", "-shm"] {
                let mut name = path.clone().into_os_string();
                name.push(suffix);
                let _ = std::fs::remove_file(PathBuf::from(name));
            }
            connect(&path)
        });
        let both = opened.and_then(|writer| Ok((writer, connect(&path)?)));
        let (writer, reader) = match both {
            Ok(both) => both,
            Err(error) => {
                tracing::warn!(%error, "{} cannot be used: the next start begins without answers of edge modules", path.display());
                return None;
            }
        };
        let pending = Arc::<Mutex<HashMap<Key, Option<Row>>>>::default();
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = {
            let pending = Arc::clone(&pending);
            std::thread::Builder::new()
                .name("edge-answers".to_owned())
                .spawn(move || work(writer, &jobs, &pending))
        };
        let writer = thread
            .inspect_err(|error| tracing::warn!(%error, "no thread for answers of edge modules"))
            .ok()?;
        Some(AnswerFile {
            reader: Mutex::new(reader),
            pending,
            queue: Some(queue),
            writer: Some(writer),
        })
    }

    /// The answer about a SKU in a region, while it is of use. Does not wait: a file that somebody else reads has none.
    pub fn get(&self, region: &str, sku: &str) -> Option<Row> {
        let key: Key = (region.into(), sku.into());
        let pending = self.pending.lock().get(&key).cloned();
        let row = match pending {
            Some(row) => row,
            None => {
                let reader = self.reader.try_lock_for(GATHER)?;
                read(&reader, region, sku)
                    .inspect_err(
                        |error| tracing::debug!(%error, "an answer of an edge module is not read"),
                    )
                    .ok()
                    .flatten()
            }
        };
        row.filter(|row| row.until > now() && row.answer.sku == sku)
    }

    /// Keeps an answer.
    pub fn put(&self, region: &str, row: Row) {
        let key: Key = (region.into(), row.answer.sku.as_str().into());
        self.pend(key, Some(row));
    }

    /// Forgets the answers about a SKU in a region: from now on nobody in this process reads them.
    pub fn forget(&self, region: &str, sku: &str) {
        self.pend((region.into(), sku.into()), None);
    }

    /// Forgets everything. Waits until that is done.
    pub fn clear(&self) {
        self.pending.lock().clear();
        let (done, wait) = sync_channel(1);
        if self.send(Job::Clear(done)) {
            let _ = wait.recv_timeout(BUSY);
        }
    }

    /// Keeps how often things were looked at, in place of what was kept before.
    pub fn put_views(&self, views: Vec<(String, u64)>) {
        self.send(Job::Views(views));
    }

    /// What was looked at most, and how often, the most first.
    pub fn views(&self, most: usize) -> Vec<(String, u64)> {
        let reader = self.reader.lock();
        let read = || {
            let mut query = reader.prepare_cached(
                "SELECT name, count FROM viewed ORDER BY count DESC, name LIMIT ?1",
            )?;
            let rows = query.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0).cast_unsigned()))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().unwrap_or_default()
    }

    /// How many changes of the catalogue an earlier run of the shop has seen.
    pub fn changes(&self) -> Option<i64> {
        let reader = self.reader.lock();
        let found = reader.query_row("SELECT changes FROM seen", [], |row| row.get(0));
        found.optional().ok().flatten()
    }

    /// Keeps how many changes of the catalogue were seen.
    pub fn put_changes(&self, changes: i64) {
        self.send(Job::Changes(changes));
    }

    fn pend(&self, key: Key, row: Option<Row>) {
        let mut pending = self.pending.lock();
        if pending.len() >= QUEUE && !pending.contains_key(&key) {
            if row.is_some() {
                return;
            }
            // What is to be forgotten is not lost for want of room: something to be kept makes place.
            let kept = pending.iter().find(|(_, row)| row.is_some());
            if let Some(kept) = kept.map(|(key, _)| key.clone()) {
                pending.remove(&kept);
            }
        }
        let is_first = pending.is_empty();
        pending.insert(key, row);
        drop(pending);
        if is_first {
            self.send(Job::Write);
        }
    }

    fn send(&self, job: Job) -> bool {
        self.queue
            .as_ref()
            .is_some_and(|queue| queue.try_send(job).is_ok())
    }
}

impl Drop for AnswerFile {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let _: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    // A power cut may lose all of it, and nothing would be lost.
    connection.pragma_update(None, "synchronous", "off")?;
    let layout: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if layout != LAYOUT {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             DROP TABLE IF EXISTS answer;
             DROP TABLE IF EXISTS viewed;
             DROP TABLE IF EXISTS seen;
             CREATE TABLE answer (
               region TEXT NOT NULL, sku TEXT NOT NULL, body BLOB NOT NULL, until INTEGER NOT NULL,
               PRIMARY KEY (region, sku)
             ) STRICT, WITHOUT ROWID;
             CREATE INDEX answer_until ON answer (until);
             CREATE TABLE viewed (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
             CREATE TABLE seen (id INTEGER PRIMARY KEY CHECK (id = 1), changes INTEGER NOT NULL) STRICT;
             PRAGMA user_version = {LAYOUT};
             COMMIT;"
        ))?;
    }
    Ok(connection)
}

fn read(connection: &Connection, region: &str, sku: &str) -> rusqlite::Result<Option<Row>> {
    let mut query = connection.prepare_cached(
        "SELECT body, until FROM answer WHERE region = ?1 AND sku = ?2 AND length(body) <= ?3",
    )?;
    let longest = i64::try_from(LONGEST).unwrap_or(i64::MAX);
    let found: Option<(Vec<u8>, i64)> = query
        .query_row(params![region, sku, longest], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found.and_then(|(body, until)| {
        let answer = SkuAnswer::read(&body)?;
        Some(Row { answer, until })
    }))
}

fn work(
    mut connection: Connection,
    jobs: &Receiver<Job>,
    pending: &Mutex<HashMap<Key, Option<Row>>>,
) {
    let mut last = sweep(&connection);
    loop {
        let job = jobs.recv_timeout(SWEEP);
        match job {
            Ok(Job::Write) => std::thread::sleep(GATHER),
            Ok(Job::Views(views)) => said(write_views(&mut connection, &views)),
            Ok(Job::Changes(changes)) => said(
                connection
                    .execute(
                        "INSERT OR REPLACE INTO seen (id, changes) VALUES (1, ?1)",
                        [changes],
                    )
                    .map(drop),
            ),
            Ok(Job::Clear(done)) => {
                said(connection.execute("DELETE FROM answer", []).map(drop));
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                write(&mut connection, pending);
                return;
            }
        }
        write(&mut connection, pending);
        if last.elapsed() >= SWEEP {
            last = sweep(&connection);
        }
    }
}

fn said(result: rusqlite::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "answers of edge modules are not written");
    }
}

/// Writes what is pending. It is readable from there until it is readable from the file.
fn write(connection: &mut Connection, pending: &Mutex<HashMap<Key, Option<Row>>>) {
    loop {
        let batch: Vec<(Key, Option<Row>)> = pending.lock().clone().into_iter().collect();
        if batch.is_empty() {
            return;
        }
        let result = write_batch(connection, &batch);
        let mut pending = pending.lock();
        for (key, row) in &batch {
            // What was put meanwhile is written next.
            if pending.get(key) == Some(row) {
                pending.remove(key);
            }
        }
        said(result);
    }
}

fn write_batch(connection: &mut Connection, batch: &[(Key, Option<Row>)]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut keep = transaction.prepare_cached(
            "INSERT OR REPLACE INTO answer (region, sku, body, until) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut forget =
            transaction.prepare_cached("DELETE FROM answer WHERE region = ?1 AND sku = ?2")?;
        for ((region, sku), row) in batch {
            match row {
                None => forget.execute(params![&**region, &**sku])?,
                Some(row) => {
                    let body = serde_json::to_vec(&row.answer).unwrap_or_default();
                    keep.execute(params![&**region, &**sku, body, row.until])?
                }
            };
        }
    }
    transaction.commit()
}

fn write_views(connection: &mut Connection, views: &[(String, u64)]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("DELETE FROM viewed", [])?;
    {
        let mut keep = transaction
            .prepare_cached("INSERT OR REPLACE INTO viewed (name, count) VALUES (?1, ?2)")?;
        for (name, count) in views {
            keep.execute(params![name, i64::try_from(*count).unwrap_or(i64::MAX)])?;
        }
    }
    transaction.commit()
}

/// Removes what has ended, and what is too much.
fn sweep(connection: &Connection) -> std::time::Instant {
    let remove = || -> rusqlite::Result<()> {
        connection.execute("DELETE FROM answer WHERE until <= ?1", [now()])?;
        let count: i64 =
            connection.query_row("SELECT count(*) FROM answer", [], |row| row.get(0))?;
        if count > MOST {
            connection.execute(
                "DELETE FROM answer WHERE (region, sku) IN (SELECT region, sku FROM answer ORDER BY until LIMIT ?1)",
                [count - MOST],
            )?;
        }
        Ok(())
    };
    said(remove());
    std::time::Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, until: i64) -> Row {
        Row {
            answer: SkuAnswer {
                sku: sku.into(),
                stock: Some(4),
                price: 1850,
                currency: "EUR".into(),
                ts: 1_000,
                stale: false,
            },
            until,
        }
    }

    fn later() -> i64 {
        now() + 60_000
    }

    #[test]
    fn an_answer_is_there_at_once_for_others_soon_and_after_the_next_start() {
        let directory = tempfile::tempdir().expect("a directory");
        let kept = row("A", later());
        {
            let file = AnswerFile::open(directory.path()).expect("a file");
            file.put("eu-1", kept.clone());
            assert_eq!(file.get("eu-1", "A"), Some(kept.clone()));
            assert_eq!(file.get("us-1", "A"), None);
        }
        let file = AnswerFile::open(directory.path()).expect("a file");
        assert_eq!(file.get("eu-1", "A"), Some(kept));
        file.forget("eu-1", "A");
        assert_eq!(file.get("eu-1", "A"), None);
        drop(file);
        let file = AnswerFile::open(directory.path()).expect("a file");
        assert_eq!(file.get("eu-1", "A"), None);
    }

    #[test]
    fn what_has_ended_is_not_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = AnswerFile::open(directory.path()).expect("a file");
        file.put("eu-1", row("A", now() - 1));
        assert_eq!(file.get("eu-1", "A"), None);
        file.put("eu-1", row("B", later()));
        file.clear();
        assert_eq!(file.get("eu-1", "B"), None);
    }

    #[test]
    fn a_file_that_is_none_is_made_anew() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join(FILE), "not a database ".repeat(500))
            .expect("written");
        let file = AnswerFile::open(directory.path()).expect("a file");
        file.put("eu-1", row("A", later()));
        assert!(file.get("eu-1", "A").is_some());
    }

    #[test]
    fn rows_that_somebody_forged_are_not_found() {
        let directory = tempfile::tempdir().expect("a directory");
        drop(AnswerFile::open(directory.path()));
        let connection = Connection::open(directory.path().join(FILE)).expect("a database");
        let other = serde_json::to_vec(&row("OTHER", 0).answer).expect("JSON");
        for (sku, body) in [
            ("A", b"nonsense".to_vec()),
            ("B", other),
            ("C", vec![b' '; 1 << 20]),
        ] {
            connection
                .execute(
                    "INSERT INTO answer VALUES ('eu-1', ?1, ?2, ?3)",
                    params![sku, body, later()],
                )
                .expect("inserted");
        }
        let file = AnswerFile::open(directory.path()).expect("a file");
        for sku in ["A", "B", "C"] {
            assert_eq!(file.get("eu-1", sku), None, "{sku}");
        }
    }

    #[test]
    fn what_was_looked_at_most_comes_first() {
        let directory = tempfile::tempdir().expect("a directory");
        let views = |names: &[(&str, u64)]| {
            names
                .iter()
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect::<Vec<_>>()
        };
        {
            let file = AnswerFile::open(directory.path()).expect("a file");
            file.put_views(views(&[("old", 9)]));
            file.put_views(views(&[("fork", 2), ("can", 7), ("pot", 1)]));
        }
        let file = AnswerFile::open(directory.path()).expect("a file");
        assert_eq!(file.changes(), None);
        file.put_changes(7);
        drop(file);
        let file = AnswerFile::open(directory.path()).expect("a file");
        assert_eq!(file.changes(), Some(7));
        assert_eq!(file.views(2), views(&[("can", 7), ("fork", 2)]));
    }
}
