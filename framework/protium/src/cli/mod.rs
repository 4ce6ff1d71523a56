//! The command line: the same commands in `protium` and in a shop's own binary.

mod prewarm;
pub(crate) mod release;
mod root;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::Shop;
use crate::app::StartError;
use crate::app::import_file;
use crate::config::{Config, Flags};
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
    /// The shop's directory, with its protium.toml: when it is not named, the current directory if
    /// it has one, else the one that the program was built with
    #[arg(long, global = true, value_name = "DIRECTORY")]
    shop: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the shop (also without a command)
    Serve,
    /// Read products from a file in Shopify's CSV format
    Import {
        /// The file
        file: PathBuf,
    },
    /// Build the components and edge modules, so that the next start is quick
    Build {
        /// Build into `dist` beside the sources instead, for machines without Go and TinyGo
        #[arg(long)]
        dist: bool,
    },
    /// Serve as an edge node: keep the pages of an origin shop near its visitors
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

/// Runs the command of this process for the shop in `root`, until it ends or is told to.
pub fn run(root: PathBuf) -> ExitCode {
    let cli = Cli::parse();
    crate::telemetry::start();
    match execute(cli, root) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli, root: PathBuf) -> Result<ExitCode, StartError> {
    let root = root::find(cli.shop, std::env::current_dir().ok(), root);
    if !root.is_dir() {
        return Err(StartError::NoShop { path: root });
    }
    let config = Config::load(&root, std::env::vars_os().filter_map(text), &cli.flags)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => crate::app::serve(&root, config).await?,
            Command::Import { file } => {
                let report = Shop::import(&config, &file).await?;
                for warning in &report.warnings {
                    eprintln!("warning: {}: {warning}", file.display());
                }
                println!("{}", import_file::sentence(&report));
            }
            Command::Edge { origin, region } => {
                edge_node::serve(config, NodeOptions { origin, region }).await?;
            }
            Command::Build { dist } => {
                println!("{}", Shop::build(&config, dist).await?);
            }
            Command::Release(command) => return Ok(release::run(&config, command).await?),
            Command::Prewarm(command) => {
                let shop = Shop::open(&root, config).await?;
                return prewarm::run(&shop, command).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A variable with its value, where both are text.
fn text((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}
