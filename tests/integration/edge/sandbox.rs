//! The table of `framework/docs/sandbox.md`: what a plain Go program finds in its sandbox. Each row
//! is a test.

use std::net::TcpListener;
use std::sync::OnceLock;

use protium_wasm::functions::{Edge, ModuleConfig};
use protium_wasm::{Capabilities, DirectoryGrant};

use super::{LANES, command, in_tests, of_sku, open, run, setup, sku_answer};

/// A program without grants beside SKU_ID, and one with all of them but writing, which a third has.
fn edge() -> &'static Edge {
    static EDGE: OnceLock<(Edge, tempfile::TempDir)> = OnceLock::new();
    let (edge, _) = EDGE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("list.txt"), "a list").unwrap();
        std::fs::write(directory.path().join("secret.txt"), "a secret").unwrap();
        std::os::unix::fs::symlink("../secret.txt", data.join("link.txt")).unwrap();
        let with = |write| {
            let mut module = command();
            module.grants = Capabilities {
                environment: ["SKU_ID", "EDGE_REGION", "EDGE_REDIS_ADDR", "API_TOKEN"]
                    .map(str::to_owned)
                    .to_vec()
                    .into(),
                clock: true,
                random: true,
                directories: vec![DirectoryGrant {
                    host: data.clone(),
                    guest: "/data".into(),
                    write,
                }],
                ..Capabilities::default()
            };
            module
        };
        let without = ModuleConfig {
            grants: Capabilities {
                environment: Some(vec!["SKU_ID".into()]),
                ..Capabilities::default()
            },
            ..command()
        };
        let mut setup = setup(LANES[0]);
        setup.environment = [("API_TOKEN", "token"), ("HOME", "/root")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        setup.modules.insert("without".into(), without);
        setup.modules.insert("with".into(), with(false));
        setup.modules.insert("writing".into(), with(true));
        (open(setup), directory)
    });
    edge
}

/// A listener that nobody may reach.
fn listener() -> &'static TcpListener {
    static LISTENER: OnceLock<TcpListener> = OnceLock::new();
    LISTENER.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    })
}

/// What the program finds; a run that ends without an answer is told by `ended: `.
fn found(module: &str, operation: &str) -> String {
    let address = listener().local_addr().unwrap().to_string();
    let of = of_sku(operation, "eu-1").with("EDGE_REDIS_ADDR", &address);
    let text = match run(edge(), module, &of) {
        Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
        Err(cause) => format!("ended: {cause}"),
    };
    text.replace(&address, "ADDRESS")
}

/// Whether this was found. An expectation that ends in `…` is the beginning of it.
fn agrees(found: &str, expected: &str) -> bool {
    match expected.strip_suffix('…') {
        Some(beginning) => found.starts_with(beginning),
        None => found == expected,
    }
}

/// One row: the operation as the table shows it and as the program knows it, then what it finds.
fn row(shown: &str, operation: &str, without: &str, with: &str) {
    for (module, expected) in [("without", without), ("with", with)] {
        let found = found(module, operation);
        assert!(
            agrees(&found, expected),
            "{shown}, {module} grants: {found}"
        );
    }
    let table = std::fs::read_to_string(in_tests("../framework/docs/sandbox.md")).unwrap();
    let cells = format!("| `{shown}` | {} | {} |", cell(without), cell(with));
    assert!(table.contains(&cells), "the table lacks {cells}");
}

fn cell(found: &str) -> String {
    match found.strip_prefix("ended: ") {
        Some(cause) => format!("the run ends: {cause}"),
        None => format!("`{found}`"),
    }
}

#[test]
fn a_directory_with_write_is_written_to() {
    assert_eq!(found("writing", "os.WriteFile"), "written");
    assert_eq!(found("writing", "os.Remove"), "removed");
}

#[test]
fn nobody_reached_the_listener() {
    found("with", "net.Dial");
    let error = listener().accept().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn any_program_answers_with_its_standard_output() {
    let answer = run(edge(), "without", &of_sku("HAND-FORK", "eu-1")).unwrap();
    assert_eq!(sku_answer(&answer).sku, "HAND-FORK");
}

macro_rules! rows {
    ($($name:ident: $shown:literal, $operation:literal, $without:literal, $with:literal;)*) => {
        $(#[test]
        fn $name() {
            row($shown, $operation, $without, $with);
        })*
    };
}

rows! {
    a_variable_is_seen_when_it_is_named:
        "os.Getenv(\"EDGE_REGION\"), …(\"API_TOKEN\"), …(\"HOME\")", "os.Getenv",
        ",,",
        "eu-1,token,";
    variables_that_are_not_named_are_not_listed:
        "len(os.Environ())", "os.Environ",
        "1",
        "4";
    there_are_no_arguments:
        "len(os.Args)", "os.Args",
        "0",
        "0";
    standard_input_is_empty:
        "io.ReadAll(os.Stdin)", "io.ReadAll stdin",
        "0",
        "0";
    a_file_is_read_in_a_granted_directory:
        "os.ReadFile(\"/data/list.txt\")", "os.ReadFile",
        "error: open /data/list.txt: Bad file number",
        "a list";
    a_path_does_not_leave_its_directory:
        "os.ReadFile(\"/data/../secret.txt\")", "os.ReadFile ..",
        "error: open /data/../secret.txt: Bad file number",
        "error: open /data/../secret.txt: Bad file number";
    a_link_does_not_leave_its_directory:
        "os.ReadFile(\"/data/link.txt\"), a link to ../secret.txt", "os.ReadFile link",
        "error: open /data/link.txt: Bad file number",
        "error: open /data/link.txt: Operation not permitted";
    the_files_of_the_machine_do_not_exist:
        "os.ReadFile(\"/etc/passwd\")", "os.ReadFile /etc/passwd",
        "error: open /etc/passwd: Bad file number",
        "error: open /etc/passwd: Bad file number";
    a_directory_is_written_to_only_with_write:
        "os.WriteFile(\"/data/new.txt\", …)", "os.WriteFile",
        "error: open /data/new.txt: Bad file number",
        "error: open /data/new.txt: Operation not permitted";
    a_directory_is_listed:
        "os.ReadDir(\"/data\")", "os.ReadDir",
        "error: open /data: Bad file number",
        "link.txt list.txt";
    the_root_is_not_listed:
        "os.ReadDir(\"/\")", "os.ReadDir /",
        "error: open /: Bad file number",
        "error: open /: Bad file number";
    there_is_no_temporary_directory:
        "os.CreateTemp(\"\", \"x\")", "os.CreateTemp",
        "error: open /tmp/x…",
        "error: open /tmp/x…";
    the_root_is_not_walked:
        "filepath.Walk(\"/\", …)", "filepath.Walk",
        "error: lstat /: Bad file number",
        "error: lstat /: Bad file number";
    no_address_is_reached:
        "net.Dial(\"tcp\", EDGE_REDIS_ADDR)", "net.Dial",
        "error: dial tcp: missing address",
        "error: dial tcp ADDRESS: address ADDRESS: connect: Connection refused";
    a_listener_is_reached_from_inside_only:
        "net.Listen(\"tcp\", \"127.0.0.1:0\"), then net.Dial within the program", "net.Listen",
        "inside",
        "inside";
    no_name_is_looked_up:
        "net.LookupHost(\"example.com\")", "net.LookupHost",
        "error: lookup example.com…",
        "error: lookup example.com…";
    the_year_is_known_with_a_clock:
        "time.Now().Year()", "time.Now",
        "1970",
        "20…";
    sleeping_takes_time:
        "time.Sleep(20 ms), time.Since", "time.Since",
        "true",
        "true";
    sleeping_too_long_ends_the_run:
        "time.Sleep(time.Hour)", "time.Sleep",
        "ended: reached its limit on time (limits.wall_ms)",
        "ended: reached its limit on time (limits.wall_ms)";
    time_zones_are_not_there:
        "time.LoadLocation(\"Europe/Berlin\")", "time.LoadLocation",
        "error: unknown time zone Europe/Berlin",
        "error: unknown time zone Europe/Berlin";
    randomness_is_granted:
        "crypto/rand.Read", "crypto/rand.Read",
        "ended: ended with code 2: fatal error: crypto/rand: failed to read random data…",
        "8";
    random_numbers_that_are_no_secret_work:
        "math/rand/v2.N(10)", "math/rand",
        "true",
        "true";
    goroutines_work:
        "go, sync.WaitGroup, sync.Mutex", "go",
        "4950",
        "4950";
    goroutines_without_end_reach_the_limit_on_memory:
        "go without end", "go without end",
        "ended: reached its limit on memory (limits.memory_bytes)",
        "ended: reached its limit on memory (limits.memory_bytes)";
    a_deadlock_is_seen:
        "select {} in main", "deadlock",
        "ended: ended with code 2: fatal error: all goroutines are asleep - deadlock!…",
        "ended: ended with code 2: fatal error: all goroutines are asleep - deadlock!…";
    no_program_is_started:
        "exec.Command(\"/bin/sh\", …).Output()", "exec.Command",
        "error: open /dev/null: Bad file number",
        "error: open /dev/null: Bad file number";
    no_process_is_started:
        "os.StartProcess(\"/bin/sh\", …)", "os.StartProcess",
        "error: fork/exec /bin/sh: Not implemented on wasip1",
        "error: fork/exec /bin/sh: Not implemented on wasip1";
    no_process_is_signalled:
        "syscall.Kill(1, syscall.SIGTERM)", "syscall.Kill",
        "error: No such process",
        "error: No such process";
    signals_do_not_come:
        "signal.Notify", "signal.Notify",
        "waits",
        "waits";
    the_process_says_nothing_of_the_host:
        "os.Getpid()", "os.Getpid",
        "3",
        "3";
    the_machine_is_not_named:
        "os.Hostname()", "os.Hostname",
        "wasip1",
        "wasip1";
    there_are_no_users:
        "os.Getuid()", "os.Getuid",
        "1",
        "1";
    nobody_is_the_current_user:
        "user.Current()", "user.Current",
        "error: user: Current requires cgo…",
        "error: user: Current requires cgo…";
    an_exit_code_is_named:
        "os.Exit(3)", "os.Exit",
        "ended: ended with code 3: no stock today",
        "ended: ended with code 3: no stock today";
    a_panic_is_named:
        "panic(\"of this test\")", "panic",
        "ended: ended with code 2: panic: of this test…",
        "ended: ended with code 2: panic: of this test…";
    a_loop_reaches_the_limit_on_computing:
        "a loop without end", "loop",
        "ended: reached its limit on computing (limits.cpu_ms)",
        "ended: reached its limit on computing (limits.cpu_ms)";
    allocation_reaches_the_limit_on_memory:
        "make without end", "allocate",
        "ended: reached its limit on memory (limits.memory_bytes)",
        "ended: reached its limit on memory (limits.memory_bytes)";
    recursion_reaches_the_limit_on_the_stack:
        "a recursion without end", "recurse",
        "ended: reached its limit on the stack",
        "ended: reached its limit on the stack";
    too_much_output_reaches_its_limit:
        "os.Stdout.Write without end", "flood",
        "ended: reached its limit on output (limits.output_bytes)",
        "ended: reached its limit on output (limits.output_bytes)";
    files_are_counted:
        "os.Open without end", "os.Open without end",
        "error: open /data/list.txt: Bad file number",
        "ended: reached its limit on open files (limits.files)";
    standard_error_is_cut:
        "a megabyte to os.Stderr", "flood stderr",
        "fine",
        "fine";
}
