//! The command line: the same commands in `protium` and in a shop's own binary.

mod add;
mod build;
mod check;
#[cfg(unix)]
mod dev;
mod doctor;
mod downloads;
mod error;
mod names;
mod new;
mod prewarm;
mod release;
mod root;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use listenfd::ListenFd;

use crate::app::Shop;
use crate::app::additions::Additions;
use crate::app::dev_config::ReadConfig;
use crate::app::import_file;
use crate::app::start::{self, Surroundings};
use crate::app::start_error::StartError;
use crate::app::supervisor::{FromShop, Supervisor};
use crate::cli::error::CommandError;
use crate::config::{Config, FILE, Flags};
use crate::edge_node;
use crate::edge_node::NodeOptions;
use crate::telemetry::with_causes;

#[derive(Debug, Parser)]
#[command(
    version,
    about = "A storefront: Go components in WebAssembly, rendered on the server, hydrated in the \
             browser"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The shop's directory, with its protium.toml: when it is not named, the current directory or
    /// the program's if it has one, else the one that the program was built with
    #[arg(long, global = true, value_name = "DIRECTORY")]
    shop: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    OfShop(ShopCommand),
    Check(check::Check),
    New(new::New),
    Add(add::Add),
    Doctor(doctor::Doctor),
}

/// What needs a shop.
#[derive(Debug, Subcommand)]
enum ShopCommand {
    /// Serve the shop (also without a command)
    Serve {
        /// Follow the process at standard input, that of `dev`, and end with it
        #[arg(long, hide = true)]
        supervised: bool,
    },
    #[cfg(unix)]
    Dev(dev::Dev),
    /// Read products from a file in Shopify's CSV format
    Import {
        /// The file
        file: PathBuf,
    },
    Build(build::Build),
    /// Serve as an edge node: cache the pages of an origin shop near its visitors
    Edge {
        /// Where the shop is
        #[arg(long, value_name = "URL")]
        origin: String,
        /// The region this node is in, for example eu-1
        #[arg(long, value_name = "NAME")]
        region: String,
    },
    Prewarm(prewarm::Prewarm),
    Release(release::Release),
}

/// Runs the command that this process was started with, until it ends. `root` is the shop's
/// directory where neither a flag nor the current directory is another; `configure` changes what
/// was read of the configuration.
pub fn run(
    root: PathBuf,
    additions: Additions<Shop>,
    configure: impl Fn(&mut Config) + Send + Sync + 'static,
) -> ExitCode {
    let failed = |error: &CommandError| {
        eprintln!("error: {}", with_causes(error));
        ExitCode::FAILURE
    };
    if let Some(name) = names::taken(&Cli::command(), &additions.commands) {
        return failed(&CommandError::Name { name });
    }
    let matches = command_line(&additions).get_matches();
    crate::telemetry::start();
    let supervisor = match is_supervised(&matches).then(Supervisor::on_standard_input) {
        Some(Ok(supervisor)) => Some(Arc::new(supervisor)),
        Some(Err(error)) => return failed(&CommandError::Supervisor(error)),
        None => None,
    };
    match execute(root, additions, configure, &matches, supervisor.clone()) {
        Ok(code) => code,
        Err(error) => {
            if let Some(supervisor) = supervisor {
                supervisor.tell(&FromShop::Failed(with_causes(&error)));
            }
            failed(&error)
        }
    }
}

/// Whether this process is started by that of `dev`.
fn is_supervised(matches: &ArgMatches) -> bool {
    let serve = matches.subcommand_matches("serve");
    serve.is_some_and(|serve| serve.get_flag("supervised"))
}

/// The framework's commands, and those of the shop's own program.
fn command_line(additions: &Additions<Shop>) -> clap::Command {
    let own = additions.commands.iter();
    Cli::command().subcommands(own.map(|own| own.command.clone()))
}

/// What the command line asks for, where that needs a shop.
enum Task {
    /// A command of the framework.
    Framework(ShopCommand),
    /// What is wrong with the shop, its configuration included.
    Check(check::Check),
    /// The command at this place of those that the shop's program added, and its arguments.
    Own(usize, ArgMatches),
}

fn code(is_sound: bool) -> ExitCode {
    match is_sound {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn execute(
    root: PathBuf,
    additions: Additions<Shop>,
    configure: impl Fn(&mut Config) + Send + Sync + 'static,
    matches: &ArgMatches,
    supervisor: Option<Arc<Supervisor>>,
) -> Result<ExitCode, CommandError> {
    let own = matches.subcommand().and_then(|(name, arguments)| {
        let mut commands = additions.commands.iter();
        let at = commands.position(|own| own.command.get_name() == name)?;
        Some(Task::Own(at, arguments.clone()))
    });
    // clap has checked all of it already; what is left are commands that it does not know as ours.
    let task = match own {
        Some(own) => own,
        None => {
            let cli = Cli::from_arg_matches(matches).unwrap_or_else(|error| error.exit());
            match cli.command {
                Some(Command::New(command)) => {
                    if let Some(missing) = command.missing() {
                        let kind = ErrorKind::MissingRequiredArgument;
                        Cli::command().error(kind, missing).exit();
                    }
                    println!("{}", new::run(&command)?);
                    return Ok(ExitCode::SUCCESS);
                }
                Some(Command::Add(command)) => {
                    let root = root::of_this_process(cli.shop, root);
                    println!("{}", add::run(&command, &root)?);
                    return Ok(ExitCode::SUCCESS);
                }
                Some(Command::Doctor(command)) => {
                    let root = root::of_this_process(cli.shop, root);
                    let root = root.join(FILE).is_file().then_some(root);
                    let sound =
                        doctor::run(&command, root.as_deref(), &cli.flags, &mut io::stdout())?;
                    return Ok(code(sound));
                }
                Some(Command::OfShop(command)) => Task::Framework(command),
                Some(Command::Check(command)) => Task::Check(command),
                None => Task::Framework(ShopCommand::Serve { supervised: false }),
            }
        }
    };
    let flags = Flags::from_arg_matches(matches).unwrap_or_else(|error| error.exit());
    let named = matches.get_one::<PathBuf>("shop").cloned();
    let root = root::of_this_process(named, root);
    if !root.is_dir() {
        return Err(StartError::NoShop { path: root }.into());
    }
    let read_config: ReadConfig = {
        let (root, flags) = (root.clone(), flags.clone());
        Box::new(move || {
            let mut config = Config::load_with_environment(&root, &flags)?;
            configure(&mut config);
            Ok(config)
        })
    };
    let config = read_config();
    let additions = Arc::new(additions);
    // Before there are other threads: it removes variables.
    let listener = match &task {
        Task::Framework(ShopCommand::Serve { .. }) => given_listener(&config)?,
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let command = match task {
            Task::Framework(command) => command,
            Task::Check(command) => {
                let output = &mut io::stdout();
                let sound = check::run(&command, &root, config, additions, output).await?;
                return Ok(code(sound));
            }
            Task::Own(at, arguments) => {
                let config = config.map_err(StartError::from)?;
                let shop = Shop::open_with(&root, config, Arc::clone(&additions)).await?;
                return match additions.commands.get(at) {
                    Some(own) => (own.run)(shop, arguments)
                        .await
                        .map_err(|error| StartError::Program(Box::new(error)).into()),
                    None => Ok(ExitCode::FAILURE),
                };
            }
        };
        let config = config.map_err(StartError::from)?;
        match command {
            ShopCommand::Serve { .. } => {
                let surroundings = Surroundings {
                    listener,
                    supervisor,
                    read_config,
                };
                start::serve_with(&root, config, additions, surroundings).await?;
            }
            #[cfg(unix)]
            ShopCommand::Dev(_) => dev::run(&root, &flags, config, read_config).await?,
            ShopCommand::Import { file } => {
                let report = Shop::import(&config, &file).await?;
                for warning in &report.warnings {
                    eprintln!("warning: {}: {warning}", file.display());
                }
                println!("{}", import_file::sentence(&report));
            }
            ShopCommand::Edge { origin, region } => {
                edge_node::serve(config, NodeOptions { origin, region }).await?;
            }
            ShopCommand::Build(command) => {
                return build::run(&command, &root, config, additions).await;
            }
            ShopCommand::Release(command) => return Ok(release::run(&config, command).await?),
            ShopCommand::Prewarm(command) => {
                let shop = Shop::open_with(&root, config, additions).await?;
                return prewarm::run(&shop, command).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The socket that this process was given, by the protocol of systemd.
fn given_listener<E>(config: &Result<Config, E>) -> Result<Option<TcpListener>, StartError> {
    let Ok(config) = config else {
        return Ok(None);
    };
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    ListenFd::from_env().take_tcp_listener(0).map_err(listening)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::App;

    fn folder(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(name)
    }

    #[test]
    fn a_command_of_the_shops_own_has_the_open_shop_and_its_arguments() {
        let data = tempfile::tempdir().expect("a directory");
        let sum = Arc::new(AtomicU64::new(0));
        let found = Arc::clone(&sum);
        let command = clap::Command::new("sum")
            .arg(clap::arg!(<NUMBER> ...).value_parser(clap::value_parser!(u64)));
        let app = App::new(".").command(command, move |shop: Shop, matches: ArgMatches| {
            let found = Arc::clone(&found);
            async move {
                assert_eq!(shop.config().shop.name, "Paper Boat");
                let numbers = matches.get_many::<u64>("NUMBER").unwrap_or_default();
                found.store(numbers.sum(), Ordering::Relaxed);
                Ok(ExitCode::SUCCESS)
            }
        });
        let additions = app.into_additions();
        let line = ["shop", "sum", "2", "3", "4"];
        let matches = command_line(&additions).try_get_matches_from(line);
        let matches = matches.expect("the command is known");
        let kept = data.path().to_owned();
        let configure = move |config: &mut Config| {
            config.data = kept.clone();
            config.components = folder("components-go/store");
            config.shop.name = "Paper Boat".to_owned();
        };
        let root = folder("example-store");
        let ran = execute(root, additions, configure, &matches, None);
        assert!(ran.is_ok(), "{:?}", ran.err());
        assert_eq!(sum.load(Ordering::Relaxed), 9);
    }

    #[test]
    fn the_framework_and_the_shop_have_their_commands_side_by_side() {
        let command = clap::Command::new("count");
        let app = App::new(".").command(command, async |_: Shop, _| Ok(ExitCode::SUCCESS));
        let line = command_line(&app.into_additions());
        let names: Vec<&str> = line
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let known = [
            "serve", "dev", "import", "build", "edge", "prewarm", "release", "check", "new", "add",
            "doctor", "count",
        ];
        assert_eq!(names, known);
    }
}
