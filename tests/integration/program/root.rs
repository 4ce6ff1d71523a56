//! Which shop a program works for when nobody names one.

use tempfile::TempDir;

use super::shop;

#[test]
fn a_program_in_another_shop_s_directory_works_for_that_shop() {
    let other = TempDir::new().expect("a temporary directory");
    std::fs::write(
        other.path().join("protium.toml"),
        "[shop]\nname = \"Other\"\n",
    )
    .expect("written");
    let file = other.path().join("products.csv");
    std::fs::write(&file, "Handle,Title,Variant Price\nmug,Mug,9.50\n").expect("written");
    // The same program and settings, without `--shop DIRECTORY`.
    let named = shop(other.path());
    let mut command = std::process::Command::new(named.get_program());
    for (name, value) in named.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command
        .arg("import")
        .arg(&file)
        .current_dir(other.path())
        .output()
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(
        other.path().join("data/store/shop.db").is_file(),
        "the catalogue is not in the current directory"
    );
}
