//! The answers on disk: a small SQLite file beside the shop's database. It belongs to nobody alone:
//! every process of the shop reads and writes it, and a file that is lost or damaged costs time,
//! never an answer.
//!
//! One thread writes, in batches. What it has not written yet is read from memory, so a reader sees
//! what was put before it looked.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::prewarm::answers::SkuAnswer;
use crate::prewarm::answers::checks::LONGEST;
use protium_types::{now_millis, private_files};

/// The file's name in the data directory.
const FILE: &str = "edge.db";
/// The layout that this build reads and writes. A file of another one is deleted.
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

const TABLES: &str = "
    DROP TABLE IF EXISTS answer;
    DROP TABLE IF EXISTS viewed;
    DROP TABLE IF EXISTS seen;
    CREATE TABLE answer (
      region TEXT NOT NULL,
      sku TEXT NOT NULL,
      of TEXT NOT NULL,
      body BLOB NOT NULL,
      due INTEGER NOT NULL,
      until INTEGER NOT NULL,
      PRIMARY KEY (region, sku)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answer_until ON answer (until);
    CREATE INDEX answer_of ON answer (of);
    CREATE TABLE viewed (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE seen (id INTEGER PRIMARY KEY CHECK (id = 1), changes INTEGER NOT NULL) STRICT;
";

type Key = (Arc<str>, Arc<str>);

/// An answer of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was answered.
    pub answer: SkuAnswer,
    /// The tag of what it belongs to.
    pub of: String,
    /// When it is to be asked for anew, in Unix milliseconds.
    pub due: i64,
    /// When it is of no use any more, in Unix milliseconds.
    pub until: i64,
}

/// The file. It is closed, with all that was put, when this is dropped.
pub struct AnswerFile {
    reader: Mutex<Connection>,
    pending: Arc<Mutex<Pending>>,
    queue: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// What the thread has not done yet.
#[derive(Default)]
struct Pending {
    rows: HashMap<Key, Row>,
    /// Tags whose rows are to be removed, with how often that was asked for.
    forgotten: HashMap<String, usize>,
}

/// What the thread does before it writes what is pending.
type Job = Box<dyn FnOnce(&mut Connection) -> rusqlite::Result<()> + Send>;

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
                tracing::warn!(%error, "{} cannot be used: the next start begins without answers \
                                        of edge modules", path.display());
                return None;
            }
        };
        let pending = Arc::<Mutex<Pending>>::default();
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

    /// The answer about a SKU in a region, while it is of use. Does not wait: a file that somebody
    /// else reads has none.
    pub fn get(&self, region: &str, sku: &str) -> Option<Row> {
        let key: Key = (region.into(), sku.into());
        let pending = self.pending.lock().rows.get(&key).cloned();
        let row = match pending {
            Some(row) => row,
            None => {
                let reader = self.reader.try_lock_for(GATHER)?;
                let row = read(&reader, region, sku).inspect_err(
                    |error| tracing::debug!(%error, "an answer of an edge module is not read"),
                );
                let row = row.ok().flatten()?;
                if self.pending.lock().forgotten.contains_key(&row.of) {
                    return None;
                }
                row
            }
        };
        Some(row).filter(|row| row.until > now_millis() && row.answer.sku == sku)
    }

    /// Keeps an answer. While too many wait to be written, it does not.
    pub fn put(&self, region: &str, row: Row) {
        let key: Key = (region.into(), row.answer.sku.as_str().into());
        let mut pending = self.pending.lock();
        if pending.rows.len() >= QUEUE && !pending.rows.contains_key(&key) {
            return;
        }
        let is_first = pending.rows.is_empty();
        pending.rows.insert(key, row);
        drop(pending);
        if is_first {
            self.send(|_| {
                std::thread::sleep(GATHER);
                Ok(())
            });
        }
    }

    /// Forgets the answers that belong to a tag, in all regions: from now on nobody in this process
    /// reads them.
    pub fn forget(&self, of: &str) {
        let mut pending = self.pending.lock();
        pending.rows.retain(|_, row| row.of != of);
        *pending.forgotten.entry(of.to_owned()).or_default() += 1;
        drop(pending);
        let (tag, pending) = (of.to_owned(), Arc::clone(&self.pending));
        let is_sent = self.send(move |file| {
            let deleted = file.execute("DELETE FROM answer WHERE of = ?1", [&tag]);
            forgot(&pending, &tag);
            deleted.map(drop)
        });
        if !is_sent {
            // There are so many that one more look at everything is less work.
            self.clear();
            forgot(&self.pending, of);
        }
    }

    /// Forgets everything. Waits until that is done.
    pub fn clear(&self) {
        self.pending.lock().rows.clear();
        let (done, wait) = sync_channel(1);
        let clear: Job = Box::new(move |file| {
            let deleted = file.execute("DELETE FROM answer", []);
            let _ = done.send(());
            deleted.map(drop)
        });
        let queue = self.queue.as_ref();
        if queue.is_some_and(|queue| queue.send(clear).is_ok()) {
            let _ = wait.recv_timeout(BUSY);
        }
    }

    /// Keeps how often things were looked at, in place of what was kept before.
    pub fn put_views(&self, views: Vec<(String, u64)>) {
        self.send(move |file| write_views(file, &views));
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

    /// The number of catalogue changes that the shop had seen when it last wrote this.
    pub fn changes(&self) -> Option<i64> {
        let reader = self.reader.lock();
        let found = reader.query_row("SELECT changes FROM seen", [], |row| row.get(0));
        found.optional().ok().flatten()
    }

    /// Keeps how many changes of the catalogue were seen.
    pub fn put_changes(&self, changes: i64) {
        self.send(move |file| {
            let put = "INSERT OR REPLACE INTO seen (id, changes) VALUES (1, ?1)";
            file.execute(put, [changes]).map(drop)
        });
    }

    /// Whether there is room for another job.
    fn send(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> bool {
        let queue = self.queue.as_ref();
        queue.is_some_and(|queue| queue.try_send(Box::new(job)).is_ok())
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
    // What is wrong with the file SQLite says.
    let _ = private_files::touch(path);
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let _: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    // A power cut may lose all of it, and nothing would be lost.
    connection.pragma_update(None, "synchronous", "off")?;
    if layout(&connection)? != LAYOUT {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process that starts at the same time may have made it.
        if layout(&transaction)? != LAYOUT {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
        }
        transaction.commit()?;
    }
    Ok(connection)
}

fn layout(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn read(connection: &Connection, region: &str, sku: &str) -> rusqlite::Result<Option<Row>> {
    let mut query = connection.prepare_cached(
        "SELECT body, of, due, until FROM answer \
         WHERE region = ?1 AND sku = ?2 AND length(body) <= ?3 AND length(of) <= ?3",
    )?;
    let longest = i64::try_from(LONGEST).unwrap_or(i64::MAX);
    let found: Option<(Vec<u8>, String, i64, i64)> = query
        .query_row(params![region, sku, longest], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    Ok(found.and_then(|(body, of, due, until)| {
        let answer = SkuAnswer::read(&body)?;
        Some(Row {
            answer,
            of,
            due,
            until,
        })
    }))
}

fn work(mut connection: Connection, jobs: &Receiver<Job>, pending: &Mutex<Pending>) {
    let mut last = sweep(&connection);
    loop {
        match jobs.recv_timeout(SWEEP) {
            Ok(job) => said(job(&mut connection)),
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
fn write(connection: &mut Connection, pending: &Mutex<Pending>) {
    loop {
        let batch: Vec<(Key, Row)> = pending.lock().rows.clone().into_iter().collect();
        if batch.is_empty() {
            return;
        }
        let result = write_batch(connection, &batch);
        let mut pending = pending.lock();
        for (key, row) in &batch {
            // What was put meanwhile is written next.
            if pending.rows.get(key) == Some(row) {
                pending.rows.remove(key);
            }
        }
        said(result);
    }
}

fn write_batch(connection: &mut Connection, batch: &[(Key, Row)]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut keep = transaction.prepare_cached(
            "INSERT OR REPLACE INTO answer (region, sku, of, body, due, until) VALUES (?1, ?2, ?3, \
             ?4, ?5, ?6)",
        )?;
        for ((region, sku), row) in batch {
            let body = serde_json::to_vec(&row.answer).unwrap_or_default();
            keep.execute(params![&**region, &**sku, row.of, body, row.due, row.until])?;
        }
    }
    transaction.commit()
}

/// Rows of a tag are removed: what the file has of it now was put after that.
fn forgot(pending: &Mutex<Pending>, of: &str) {
    let mut pending = pending.lock();
    if let Some(times) = pending.forgotten.get_mut(of) {
        *times -= 1;
        if *times == 0 {
            pending.forgotten.remove(of);
        }
    }
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
        connection.execute("DELETE FROM answer WHERE until <= ?1", [now_millis()])?;
        let count: i64 =
            connection.query_row("SELECT count(*) FROM answer", [], |row| row.get(0))?;
        if count > MOST {
            connection.execute(
                "DELETE FROM answer WHERE (region, sku) IN (SELECT region, sku FROM answer ORDER \
                 BY until LIMIT ?1)",
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
            of: format!("product:{sku}"),
            due: until,
            until,
        }
    }

    fn later() -> i64 {
        now_millis() + 60_000
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
        file.forget("product:A");
        assert_eq!(file.get("eu-1", "A"), None);
        drop(file);
        let file = AnswerFile::open(directory.path()).expect("a file");
        assert_eq!(file.get("eu-1", "A"), None);
    }

    #[test]
    fn what_has_ended_is_not_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = AnswerFile::open(directory.path()).expect("a file");
        file.put("eu-1", row("A", now_millis() - 1));
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
                    "INSERT INTO answer VALUES ('eu-1', ?1, 'product:1', ?2, ?3, ?3)",
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
