//! The supervisor of a shop in development: the process of `dev`, which compiles the shop's program
//! and restarts it. Both are connected by the standard input of the shop's process, a socket. Each
//! message is a line of JSON; a shop whose connection ends stops.

use std::io::{self, BufRead, BufReader, Read, Write};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::release::dev_error::DevError;

/// What a shop tells its supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromShop {
    /// It is served.
    Open,
    /// It will not be, and this is why.
    Failed(String),
    /// Its configuration is another one now, and takes a new process.
    Restart,
}

/// What a supervisor tells its shop: everything that is wrong with the shop's program now.
pub(crate) type ToShop = Vec<DevError>;

/// The connection to the supervisor of this process.
pub(crate) struct Supervisor {
    say: Mutex<Box<dyn Write + Send>>,
    heard: watch::Receiver<Option<ToShop>>,
}

impl Supervisor {
    /// The supervisor at the other end of standard input.
    #[cfg(unix)]
    pub fn on_standard_input() -> io::Result<Supervisor> {
        use std::os::fd::AsFd;
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        let socket = std::os::unix::net::UnixStream::from(socket);
        Ok(Supervisor::new(socket.try_clone()?, socket))
    }

    #[cfg(not(unix))]
    pub fn on_standard_input() -> io::Result<Supervisor> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn new(hear: impl Read + Send + 'static, say: impl Write + Send + 'static) -> Supervisor {
        let (told, heard) = watch::channel(Some(ToShop::new()));
        std::thread::spawn(move || {
            for line in BufReader::new(hear).lines().map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    Ok(errors) => drop(told.send(Some(errors))),
                    Err(error) => tracing::warn!(%error, "the supervisor is of another version"),
                }
            }
            // Nobody may listen any more.
            let _ = told.send(None);
        });
        Supervisor {
            say: Mutex::new(Box::new(say)),
            heard,
        }
    }

    /// Tells it this.
    pub fn tell(&self, message: &FromShop) {
        if let Ok(mut line) = serde_json::to_string(message) {
            line.push('\n');
            // A supervisor that is gone needs no message: the connection has ended.
            let _ = self.say.lock().write_all(line.as_bytes());
        }
    }

    /// What it says from now on; `None` once it is gone.
    pub fn hear(&self) -> watch::Receiver<Option<ToShop>> {
        self.heard.clone()
    }

    /// Resolves when it is gone, or wants this process to stop.
    pub async fn gone(&self) {
        // The thread ends with `None`; if it panicked, nobody is heard either.
        let _ = self.hear().wait_for(Option::is_none).await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[tokio::test]
    async fn both_hear_each_other_until_the_connection_ends() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let supervisor = Supervisor::new(theirs.try_clone().expect("a clone"), theirs);
        supervisor.tell(&FromShop::Failed("no data".to_owned()));
        supervisor.tell(&FromShop::Restart);
        let mut lines = BufReader::new(ours.try_clone().expect("a clone")).lines();
        let mut line = || lines.next().expect("a line").expect("text");
        assert_eq!(line(), r#"{"failed":"no data"}"#);
        assert_eq!(line(), r#""restart""#);

        let error = DevError {
            message: "wrong".to_owned(),
            ..DevError::default()
        };
        let mut heard = supervisor.hear();
        let said = serde_json::to_string(&[&error]).expect("JSON");
        (&ours)
            .write_all(format!("nonsense\n{said}\n").as_bytes())
            .expect("written");
        let told = heard.wait_for(|told| told.as_ref().is_some_and(|told| !told.is_empty()));
        assert_eq!(told.await.expect("told").as_deref(), Some(&[error][..]));
        drop(lines);
        drop(ours);
        supervisor.gone().await;
    }
}
