//! The tutorial: each of its steps is executed, in order.

use std::fs;
use std::path::Path;

use tests::starter::Starter;
use tests::workspace::{command, output, path};

use super::new::works;
use super::program;

/// What the reader does between the first command and the tests.
enum Step {
    /// A command of the shop's program.
    Run(Vec<String>),
    /// A file with its content.
    Write(String, String),
}

/// Commands that open the shop, or run its tests: this test does that at the end.
const OTHERS: [&str; 7] = [
    "cd ../tea-shop",
    "cargo run -- dev",
    "npm --prefix e2e install",
    "npm --prefix e2e exec playwright install chromium",
    "npm --prefix e2e test",
    "cargo test",
    "cargo run -- check",
];

/// The steps after the shop is made by `new`.
fn steps() -> Vec<Step> {
    let text = fs::read_to_string(path("framework/docs/tutorial.md")).expect("the tutorial");
    let (mut steps, mut others) = (Vec::new(), Vec::new());
    let (mut is_new, mut file) = (false, None);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let block = lines.by_ref().take_while(|line| !line.starts_with("```"));
            let content: String = block.map(|line| format!("{line}\n")).collect();
            let name: String = file.take().expect("a block is below the name of its file");
            steps.push(Step::Write(name, content));
        } else if let Some(name) = line
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix("`:"))
        {
            file = Some(name.to_owned());
        } else if let Some(command) = line.strip_prefix("    ") {
            match command.strip_prefix("cargo run -- add ") {
                Some(added) => {
                    let words = ["add"].into_iter().chain(added.split(' '));
                    steps.push(Step::Run(words.map(str::to_owned).collect()));
                }
                None if command.contains(" -- new ") => {
                    let expected = "new ../tea-shop --template store --path .";
                    assert!(command.ends_with(expected), "{command}");
                    is_new = true;
                }
                None => others.push(command.to_owned()),
            }
        }
    }
    assert!(is_new, "the shop is made");
    assert_eq!(others, OTHERS);
    steps
}

fn follow(steps: &[Step], shop: &Path) -> tests::Result<()> {
    for step in steps {
        match step {
            Step::Run(arguments) => {
                output(command(program(), shop).args(arguments))?;
            }
            Step::Write(name, content) => fs::write(shop.join(name), content).expect("written"),
        }
    }
    Ok(())
}

#[test]
fn the_tutorial_has_a_shop_at_its_end() {
    let steps = steps();
    assert!(steps.len() >= 10, "{}", steps.len());
    if !tests::long() {
        return;
    }
    let shop = Starter::changed("tea-shop", "store", |files| follow(&steps, files));
    let shop = shop.expect("it builds");
    works(&shop);
}
