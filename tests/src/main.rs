//! Installs what the tests need, so that tools can be run by hand and in CI before the tests
//! themselves: `cargo run -p tests`.

use tests::node::Packages;
use tests::{Result, chromium, packages, toolchain};

fn main() -> std::process::ExitCode {
    match prepare() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn prepare() -> Result<()> {
    println!("go        {}", toolchain::go()?.display());
    println!("tinygo    {}", toolchain::tinygo()?.display());
    println!(
        "client    {}",
        Packages::install("client")?.folder().display()
    );
    let browser_tests = Packages::install("tests/e2e")?;
    println!("e2e       {}", browser_tests.folder().display());
    println!(
        "redis     {}",
        packages::program("redis-server", "redis-server")?.display()
    );
    println!(
        "faketime  {}",
        packages::program("faketime", "faketime")?.display()
    );
    println!("chromium  {}", chromium::find(&browser_tests)?.display());
    Ok(())
}
