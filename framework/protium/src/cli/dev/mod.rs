//! `protium dev`: serves a shop in development, compiles its program again when its sources change,
//! and restarts it. The socket stays open: a new process takes over once it is ready. Until then,
//! and for as long as the program cannot be compiled or started, the one before goes on, and its
//! pages say what is wrong.

mod compiler;
mod program;
mod server;

use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use self::compiler::Compiler;
use self::program::Program;
use self::server::Server;
use crate::app::dev_config::ReadConfig;
use crate::app::start_error::StartError;
use crate::app::supervisor::FromShop;
use crate::config::{Config, FILE, Flags};
use crate::http::stop_signal::stop_signal;
use crate::release::dev_error::DevError;
use crate::release::stamp::Stamp;

/// Between two looks at the files of a shop that is not served, since nobody else looks.
const LOOK: Duration = Duration::from_millis(300);

/// Serve the shop in development, compile its program when it changes, and restart it
#[derive(Debug, clap::Args)]
pub struct Dev {}

/// Serves the shop in `root` until a signal ends the process.
pub async fn run(
    root: &Path,
    flags: &Flags,
    config: Config,
    read_config: ReadConfig,
) -> Result<(), StartError> {
    let mut development = Development {
        program: Program::of(root).await,
        root: root.to_owned(),
        flags: Flags {
            dev: true,
            ..flags.clone()
        },
        socket: Socket::open(config.listen)?,
        read_config,
        compiling: None,
        next: None,
        current: None,
        compile_errors: Vec::new(),
        start_error: None,
        files: Stamp::default(),
    };
    tokio::select! {
        () = development.run() => {}
        () = stop_signal() => {}
    }
    let Development { next, current, .. } = development;
    for server in [next, current].into_iter().flatten() {
        server.stop().await;
    }
    Ok(())
}

type Compiling = Pin<Box<dyn Future<Output = Result<PathBuf, Vec<DevError>>>>>;

/// A shop in development.
struct Development {
    root: PathBuf,
    flags: Flags,
    read_config: ReadConfig,
    socket: Socket,
    program: Program,
    /// Where the program is being compiled.
    compiling: Option<Compiling>,
    /// The process that is about to take over.
    next: Option<Server>,
    /// The process that serves.
    current: Option<Server>,
    /// Why the program cannot be compiled.
    compile_errors: Vec<DevError>,
    /// Why the shop could not be started again.
    start_error: Option<DevError>,
    /// All other files of the shop, as they were when it was last started.
    files: Stamp,
}

/// Where the shop is open.
struct Socket {
    configured: SocketAddr,
    listener: TcpListener,
}

impl Socket {
    fn open(configured: SocketAddr) -> Result<Socket, StartError> {
        let listener = TcpListener::bind(configured).map_err(|source| StartError::Listen {
            address: configured,
            source,
        })?;
        Ok(Socket {
            configured,
            listener,
        })
    }
}

impl Development {
    async fn run(&mut self) {
        self.compile();
        loop {
            let is_served = self.current.is_some() || self.next.is_some();
            tokio::select! {
                () = self.program.changed() => self.compile(),
                compiled = compiled(&mut self.compiling) => {
                    self.compiling = None;
                    self.use_program(compiled).await;
                }
                said = said(&mut self.next) => self.next_said(said).await,
                said = said(&mut self.current) => match said {
                    Some(FromShop::Restart) => self.start().await,
                    Some(_) => {}
                    None => {
                        tracing::error!("the shop ended: a change of its files starts it again");
                        self.current = None;
                    }
                },
                () = tokio::time::sleep(LOOK), if !is_served && self.compiling.is_none() => {
                    if !self.other_files().is_as(&self.files) {
                        self.start().await;
                    }
                }
            }
        }
    }

    /// Compiles the program as its sources are now. What was compiled before is given up.
    fn compile(&mut self) {
        self.compiling = Some(match self.program.compiler() {
            Some(compiler) => Box::pin(Compiler::compile(compiler.clone())),
            // It is no shop's own.
            None => Box::pin(std::future::ready(program::of_this_process())),
        });
    }

    async fn use_program(&mut self, compiled: Result<PathBuf, Vec<DevError>>) {
        match compiled {
            Ok(path) => {
                let is_new = self.program.is_now(path);
                self.compile_errors.clear();
                self.tell().await;
                if is_new || self.current.is_none() {
                    self.start().await;
                }
            }
            Err(errors) => {
                tracing::error!("the program cannot be compiled: the one before goes on");
                self.compile_errors = errors;
                self.tell().await;
            }
        }
    }

    /// Starts a process with the newest program. One that is about to take over is given up.
    async fn start(&mut self) {
        let Some(program) = self.program.path().map(Path::to_owned) else {
            return;
        };
        self.files = self.other_files();
        if let Some(server) = self.next.take() {
            server.stop().await;
        }
        if let Err(why) = self.follow_address() {
            return self.failed_to_start(&why).await;
        }
        match Server::start(&program, &self.root, &self.flags, &self.socket.listener) {
            Ok(server) => self.next = Some(server),
            Err(error) => {
                let why = format!("{} cannot be started: {error}", program.display());
                self.failed_to_start(&why).await;
            }
        }
    }

    /// Listens where the configuration says now.
    fn follow_address(&mut self) -> Result<(), String> {
        let config = (self.read_config)().map_err(|error| error.to_string())?;
        if config.listen != self.socket.configured {
            self.socket = Socket::open(config.listen).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    async fn next_said(&mut self, said: Option<FromShop>) {
        match said {
            Some(FromShop::Open) => {
                let before = std::mem::replace(&mut self.current, self.next.take());
                self.start_error = None;
                self.tell().await;
                if let Some(before) = before {
                    tokio::spawn(before.stop());
                }
            }
            Some(FromShop::Failed(why)) => self.next_failed(why).await,
            Some(FromShop::Restart) => self.start().await,
            None => self.next_failed(String::new()).await,
        }
    }

    async fn next_failed(&mut self, why: String) {
        let Some(server) = self.next.take() else {
            return;
        };
        let status = server.stop().await;
        let why = match why.as_str() {
            "" => format!("the program ended before the shop was open ({status})"),
            why => why.to_owned(),
        };
        self.failed_to_start(&why).await;
    }

    async fn failed_to_start(&mut self, why: &str) {
        match &self.current {
            Some(_) => tracing::error!("the shop was not restarted: {why}"),
            None => tracing::error!("the shop does not start until this is mended: {why}"),
        }
        self.start_error = Some(DevError::new(why));
        self.tell().await;
    }

    /// Pages that are open say what is wrong with the program now.
    async fn tell(&mut self) {
        let errors = self.compile_errors.iter().chain(&self.start_error);
        if let Some(server) = &mut self.current {
            server.tell(&errors.cloned().collect()).await;
        }
    }

    /// Everything that a start depends on, besides the program.
    fn other_files(&self) -> Stamp {
        let components = (self.read_config)().map(|config| {
            let (directory, _) = protium_wasm::module_and_package(&config.components);
            Stamp::of_components(&directory)
        });
        Stamp::of([self.root.join(FILE)])
            .and(Stamp::of_release(&self.root))
            .and(components.unwrap_or_default())
    }
}

async fn compiled(compiling: &mut Option<Compiling>) -> Result<PathBuf, Vec<DevError>> {
    match compiling {
        Some(compiling) => compiling.await,
        None => pending().await,
    }
}

/// What a process says next; `None`: it ends.
async fn said(server: &mut Option<Server>) -> Option<FromShop> {
    match server {
        Some(server) => server.hear().await,
        None => pending().await,
    }
}
