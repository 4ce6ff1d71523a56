//! The shops as a visitor meets them: the program that cargo builds, on a port and with data of its
//! own.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::workspace::{cargo, command, create_dir, display, path, target};
use crate::{Error, Result, toolchain};

/// A first start may compile the components' module to native code, on a busy machine.
const START: Duration = Duration::from_secs(240);

/// Which compiler made the components' module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    TinyGo,
    Go,
}

impl Lane {
    pub const ALL: [Lane; 2] = [Lane::TinyGo, Lane::Go];

    /// The value of PROTIUM_LANE.
    pub fn name(self) -> &'static str {
        match self {
            Lane::TinyGo => "tinygo",
            Lane::Go => "go",
        }
    }
}

/// A shop of the browser tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shop {
    /// The example store with its demo catalogue.
    Demo,
    /// The example store with its demo catalogue and the products of Shopify's sample files.
    Imported,
    /// The shop whose pages and catalogue are made to break hydration.
    Lab,
}

impl Shop {
    fn name(self) -> &'static str {
        match self {
            Shop::Demo => "demo",
            Shop::Imported => "imported",
            Shop::Lab => "lab",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Shop::Demo | Shop::Imported => "example-store",
            Shop::Lab => "tests/e2e/lab",
        }
    }

    /// What is imported before it opens.
    fn files(self) -> &'static [&'static str] {
        match self {
            Shop::Demo | Shop::Lab => &[],
            Shop::Imported => &[
                "example-store/data/catalogue.csv",
                "tests/data/shopify-csv/apparel.csv",
                "tests/data/shopify-csv/home-and-garden.csv",
            ],
        }
    }
}

/// Builds the store and returns its program.
pub fn build() -> Result<PathBuf> {
    // The whole workspace's programs: a narrower choice would have cargo resolve other features of
    // the same dependencies, and compile them a second time.
    program_in(&built_by(cargo("build").arg("--bins"))?, "example-store")
}

/// What cargo built that can be run.
#[derive(Debug)]
pub struct Built {
    /// The target's name.
    pub name: String,
    /// Its kind: `bin` or `test`.
    pub kind: String,
    /// The file.
    pub file: PathBuf,
}

/// Runs a cargo that builds, and returns the programs that it built, or found built.
pub(crate) fn built_by(build: &mut Command) -> Result<Vec<Built>> {
    build
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit());
    let name = display(build);
    let result = build.output().map_err(|source| Error::Spawn {
        command: name.clone(),
        source,
    })?;
    if !result.status.success() {
        return Err(Error::Failed {
            command: name,
            status: result.status,
            output: String::new(),
        });
    }
    let text = String::from_utf8_lossy(&result.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let programs = messages.filter_map(|message| {
        let target = &message["target"];
        Some(Built {
            file: PathBuf::from(message["executable"].as_str()?),
            name: target["name"].as_str()?.to_owned(),
            kind: target["kind"][0].as_str()?.to_owned(),
        })
    });
    Ok(programs.collect())
}

/// The shop's program among what was built.
pub(crate) fn program_in(built: &[Built], name: &str) -> Result<PathBuf> {
    let mut programs = built.iter().filter(|built| built.kind == "bin");
    let program = programs.find(|built| built.name == name);
    program
        .map(|program| program.file.clone())
        .ok_or_else(|| Error::Unexpected {
            what: "cargo build".into(),
            detail: format!("it built no program {name}"),
        })
}

/// A store that runs until this is dropped.
pub struct Store {
    url: String,
    child: Child,
    data: TempDir,
}

impl Store {
    /// Starts `program` for a shop on a free port, with data of its own, and waits until it serves.
    pub fn start(program: &Path, shop: Shop, lane: Lane) -> Result<Self> {
        let files: Vec<PathBuf> = shop.files().iter().map(path).collect();
        Self::open(program, shop.name(), &path(shop.folder()), &files, lane)
    }

    /// The same for the shop in `folder`, into which these files are imported before it opens.
    pub fn open(
        program: &Path,
        name: &str,
        folder: &Path,
        files: &[PathBuf],
        lane: Lane,
    ) -> Result<Self> {
        let logs = target().join("e2e");
        create_dir(&logs)?;
        let log = logs.join(format!("{name}-{}.log", lane.name()));
        let file = |source| Error::File {
            path: log.clone(),
            source,
        };
        let output = File::create(&log).map_err(file)?;
        let errors = output.try_clone().map_err(file)?;
        let data = TempDir::new().map_err(|source| Error::File {
            path: std::env::temp_dir(),
            source,
        })?;
        let address = free_address()?;

        let path_variable = toolchain::search_path()?;
        let shop_command = || {
            let mut command = command(program, folder);
            command
                .arg("--shop")
                .arg(folder)
                .env("PROTIUM_LISTEN", address.to_string())
                .env("PROTIUM_DATA", data.path())
                .env("PROTIUM_LANE", lane.name())
                // Which the example store alone reads.
                .env("DEMO_MILLION", "1")
                .env("PATH", &path_variable);
            command
        };
        for file in files {
            crate::workspace::output(shop_command().arg("import").arg(file))?;
        }
        let mut command = shop_command();
        command.stdout(output).stderr(errors);
        let child = command.spawn().map_err(|source| Error::Spawn {
            command: program.display().to_string(),
            source,
        })?;
        let mut store = Self {
            url: format!("http://{address}"),
            child,
            data,
        };
        store.wait(address, &log)?;
        Ok(store)
    }

    /// Where it serves, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    fn wait(&mut self, address: SocketAddr, log: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            let stopped = self.child.try_wait().map_err(|source| Error::File {
                path: log.to_owned(),
                source,
            })?;
            if let Some(status) = stopped {
                return Err(Error::StoreStopped {
                    status,
                    log: log.to_owned(),
                    tail: tail(log),
                });
            }
            if healthy(address) {
                return Ok(());
            }
            if started.elapsed() > START {
                let url = format!("{}/healthz", self.url);
                return Err(Error::StoreSilent {
                    url,
                    seconds: START.as_secs(),
                    log: log.to_owned(),
                    tail: tail(log),
                });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|source| Error::Spawn {
            command: "a listener on 127.0.0.1".into(),
            source,
        })
}

fn healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
