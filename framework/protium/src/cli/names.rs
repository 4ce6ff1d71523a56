//! The names of commands: those of the framework are not for the shop's own.

use std::collections::HashSet;

use crate::app::Shop;
use crate::app::additions::Command;

/// The command that clap adds.
const HELP: &str = "help";

/// A name of a command of the shop's own that another command has as well.
pub fn taken(framework: &clap::Command, own: &[Command<Shop>]) -> Option<String> {
    let mut known: HashSet<&str> = framework.get_subcommands().flat_map(names).collect();
    known.insert(HELP);
    let own = own.iter().flat_map(|own| names(&own.command));
    let mut own = own.filter(|name| !known.insert(name));
    own.next().map(str::to_owned)
}

fn names(command: &clap::Command) -> impl Iterator<Item = &str> {
    command.get_all_aliases().chain([command.get_name()])
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use super::*;
    use crate::App;

    #[test]
    fn a_command_that_is_called_like_another_one_is_named() {
        let framework = clap::Command::new("protium")
            .subcommand(clap::Command::new("add").alias("put"))
            .subcommand(clap::Command::new("serve"));
        let said = |commands: Vec<clap::Command>| {
            let app = commands.into_iter().fold(App::new("."), |app, command| {
                app.command(command, async |_: Shop, _| Ok(ExitCode::SUCCESS))
            });
            taken(&framework, &app.into_additions().commands)
        };
        let command = clap::Command::new;
        assert_eq!(said(vec![command("count"), command("sum")]), None);
        for (commands, name) in [
            (vec![command("count"), command("add")], "add"),
            (vec![command("put")], "put"),
            (vec![command("count").alias("serve")], "serve"),
            (vec![command("help")], "help"),
            (vec![command("count"), command("count")], "count"),
        ] {
            assert_eq!(said(commands).as_deref(), Some(name));
        }
    }
}
