//! `import`: files that are sound move in, all others leave the catalogue as it was and are told
//! their place.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tests::workspace::path;

use super::{example, fails_with};

const SOUND: &str = "Handle,Title,Variant Price\nmug,Mug,9.50\n";

fn import(data: &Path, file: impl AsRef<Path>) -> Command {
    let mut command = example(data);
    command.arg("import").arg(file.as_ref());
    command
}

/// What the command says, which has to succeed.
#[track_caller]
fn says(mut command: Command) -> String {
    let output = command.output().expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn both_examples_of_shopify_move_in_once() {
    let data = TempDir::new().expect("a temporary directory");
    let apparel = path("tests/data/shopify-csv/apparel.csv");
    let home = path("tests/data/shopify-csv/home-and-garden.csv");
    assert!(says(import(data.path(), &apparel)).starts_with("20 products added, 0 changed"));
    assert!(says(import(data.path(), &home)).contains("catalogue version 2"));
    for file in [apparel, home] {
        let again = says(import(data.path(), file));
        assert!(
            again.starts_with("0 products added, 0 changed, "),
            "{again}"
        );
        assert!(
            again.contains("0 new collections; catalogue version 2"),
            "{again}"
        );
    }
}

#[test]
fn a_file_with_a_mistake_is_refused_with_its_place_and_changes_nothing() {
    let data = TempDir::new().expect("a temporary directory");
    let file = data.path().join("products.csv");
    std::fs::write(&file, SOUND).expect("written");
    says(import(data.path(), &file));
    let mistakes: [(&str, &[u8], &str); 10] = [
        ("empty", b"", "line 1, column Handle: "),
        (
            "no CSV",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "line 1, column 1: the text is not UTF-8",
        ),
        (
            "other columns",
            b"{\"products\": []}\n",
            "line 1, column Handle: the first line does not name this column",
        ),
        (
            "no handle",
            b"Title,Variant Price\nMug,9.50\n",
            "line 1, column Handle: ",
        ),
        (
            "wrong length",
            b"Handle,Title,Variant Price\nnew,New,1\nmug,Mug\n",
            "line 3, column Variant Price: a value is missing",
        ),
        (
            "no price",
            b"Handle,Title,Variant Price\nnew,New,1\nmug,Mug,abc\n",
            "line 3, column Variant Price: \"abc\" is not ",
        ),
        (
            "twice",
            b"Handle,Title,Variant Price\nnew,New,1\nmug,Mug,2\nnew,New,3\n",
            "line 4, column Handle: line 2 has a variant of this product with the same option \
             values",
        ),
        (
            "Latin-1",
            b"Handle,Title,Variant Price\nnew,New,1\nmug,T\xf6pfe,2\n",
            "line 3, column Title: the text is not UTF-8",
        ),
        (
            "a quotation mark that is not closed",
            b"Handle,Title,Variant Price\nnew,\"New,1\nmug,Mug,2\n",
            "line 2, column ",
        ),
        (
            "semicolons",
            b"Handle;Title;Variant Price\nmug;Mug;2\n",
            "with commas between the columns",
        ),
    ];
    for (_name, content, message) in mistakes {
        std::fs::write(&file, content).expect("written");
        fails_with(
            &mut import(data.path(), &file),
            &["products.csv, line", message],
        );
    }
    std::fs::write(&file, SOUND).expect("written");
    let after = says(import(data.path(), &file));
    assert!(
        after.starts_with("0 products added, 0 changed, 1 as before"),
        "{after}"
    );
    assert!(after.contains("catalogue version 1"), "{after}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_field_of_two_gigabytes_is_refused_before_it_is_read() {
    let data = TempDir::new().expect("a temporary directory");
    let mut import = import(data.path(), "/dev/stdin");
    let mut child = import
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stream = child.stdin.take().expect("a pipe");
    stream
        .write_all(b"Handle,Title,Variant Price\nmug,\"")
        .expect("it reads");
    let letters = vec![b'x'; 1 << 20];
    let sent = (0..2048).take_while(|_| stream.write_all(&letters).is_ok());
    assert!(sent.count() < 64, "it read on and on");
    drop(stream);
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("/dev/stdin, line 2, column Title: "),
        "{message}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let data = TempDir::new().expect("a temporary directory");
    fails_with(
        &mut import(data.path(), "/no/such/file.csv"),
        &["/no/such/file.csv"],
    );
    fails_with(
        &mut import(data.path(), data.path()),
        &[&*data.path().to_string_lossy()],
    );
}
