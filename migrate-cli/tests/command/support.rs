//! A folder with a project in it, in which the command is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The variable that names the Postgres server.
const SERVER: &str = "PERISTYLE_TEST_POSTGRES_URL";

/// A migration that makes a table of users.
pub const USERS: &str = "-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n\n\
                     -- migrate:down\nDROP TABLE users;\n";
/// A migration that makes a table of posts.
pub const POSTS: &str = "-- migrate:up\nCREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL);\n\n\
                     -- migrate:down\nDROP TABLE posts;\n";

/// A project with two migrations and an empty database.
pub fn with_two(project: Project) -> Project {
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.write("migrations/20260102000000_create_posts.sql", POSTS);
    project.run("db create");
    project
}

/// The same on both stores.
pub fn on_both() -> [Project; 2] {
    [with_two(Project::sqlite()), with_two(Project::postgres())]
}

/// A project in a folder of its own.
pub struct Project {
    folder: TempDir,
    variables: Vec<(String, String)>,
    /// Texts that differ from run to run, and what is shown for them.
    hidden: Vec<(String, String)>,
    databases: Vec<String>,
    roles: Vec<String>,
}

impl Project {
    /// An empty folder.
    pub fn empty() -> Project {
        let folder = tempfile::Builder::new().prefix("peristyle-command-").tempdir().unwrap();
        let hidden = vec![(folder.path().display().to_string(), "[folder]".to_owned())];
        Project { folder, variables: Vec::new(), hidden, databases: Vec::new(), roles: Vec::new() }
    }

    /// A project with a SQLite database `app.db` and a folder of migrations.
    pub fn sqlite() -> Project {
        let project = Project::empty();
        project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\n");
        project.folder("migrations");
        project
    }

    /// The same on Postgres, with a database of its own that does not exist yet, and is dropped in the end.
    pub fn postgres() -> Project {
        let mut project = Project::empty();
        let url = project.new_postgres_url("app");
        project.write("peristyle.toml", &format!("[repo.default]\nurl = \"{url}\"\n"));
        project.folder("migrations");
        project
    }

    /// The URL of a database that does not exist yet, and is shown under `name`.
    pub fn new_postgres_url(&mut self, name: &str) -> String {
        let server = std::env::var(SERVER).unwrap_or_else(|_| {
            panic!("{SERVER} is not set: run the tests with tests/run, which starts a Postgres server")
        });
        let mut url = url::Url::parse(&server).unwrap();
        let database = format!("peristyle_command_{name}_{}", unique());
        url.set_path(&database);
        self.databases.push(url.to_string());
        self.hidden.push((url.to_string(), format!("postgres://server/{name}")));
        self.hidden.push((database, name.to_owned()));
        let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        self.hidden.push((address, "server".to_owned()));
        url.to_string()
    }

    /// The URL of a role that may only read the tables of the one database, which exists.
    pub fn role_that_reads(&mut self) -> String {
        let database = self.databases[0].clone();
        let role = format!("peristyle_command_reader_{}", unique());
        let script = format!(
            "create role {role} login; grant usage on schema public to {role}; \
             grant select on all tables in schema public to {role};\n"
        );
        self.write("role.sql", &script);
        self.run(&format!("db seed role.sql --database-url {database}"));
        let mut url = url::Url::parse(&database).unwrap();
        url.set_username(&role).unwrap();
        self.hidden.insert(0, (url.to_string(), "postgres://reader@server/app".to_owned()));
        self.hidden.push((role.clone(), "reader".to_owned()));
        self.roles.push(role);
        url.to_string()
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Makes a folder.
    pub fn folder(&self, path: &str) {
        std::fs::create_dir_all(self.path(path)).unwrap();
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// A path in the folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The names of the files in a folder, sorted.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let names = std::fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Sets a variable for the commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A command in the folder, in an environment that has nothing but PATH and what was set.
    pub fn command(&self, program: &str, arguments: &[&str], folder: &str) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path(folder)).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `peristyle` and shows what was written and printed: the command, the standard output, what came on the
    /// standard error after `!`, and the exit code unless it is 0.
    pub fn run(&self, line: &str) -> String {
        self.run_in("", line)
    }

    /// The same in a folder of the project.
    pub fn run_in(&self, folder: &str, line: &str) -> String {
        let arguments = words(line);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = self.command(env!("CARGO_BIN_EXE_peristyle"), &arguments, folder).output().unwrap();
        let mut shown = format!("$ peristyle {line}\n");
        shown += &String::from_utf8(output.stdout).unwrap();
        for line in String::from_utf8(output.stderr).unwrap().lines() {
            shown += format!("! {line}").trim_end();
            shown.push('\n');
        }
        match output.status.code() {
            Some(0) => {}
            Some(code) => shown += &format!("exit {code}\n"),
            None => shown += "killed\n",
        }
        self.steady(&shown)
    }

    /// Several commands, one after the other.
    pub fn run_all(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.run(line)).collect()
    }

    /// A text without what differs from run to run.
    pub fn steady(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (hidden, shown) in &self.hidden {
            text = text.replace(hidden, shown);
        }
        steady(&text)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A role goes only after what it was granted.
        for role in &self.roles {
            let script = format!("drop owned by {role}; drop role {role};");
            std::fs::write(self.path("drop.sql"), script).unwrap();
            self.run(&format!("db seed drop.sql --database-url {}", self.databases[0]));
        }
        for url in &self.databases {
            let arguments = ["db", "drop", "--yes", "--force", "--quiet", "--database-url", url];
            let _ = Command::new(env!("CARGO_BIN_EXE_peristyle")).args(arguments).current_dir("/").output();
        }
    }
}

/// A text whose durations and times are those of every run: `12 ms` is `0 ms`, and `2026-11-22 14:30:00` is `[time]`.
/// Versions of files that were written now are `[version]`.
pub fn steady(text: &str) -> String {
    let now = chrono::Utc::now().format("%Y%m").to_string();
    let mut steady = String::new();
    for line in text.lines() {
        if let Some((before, _)) = line.split_once("\"duration_ms\": ") {
            steady += &format!("{before}\"duration_ms\": 0,\n");
            continue;
        }
        let mut words = Vec::new();
        for word in line.split(' ') {
            words.push(word.to_owned());
        }
        for index in 0..words.len() {
            if index > 0 && ["ms", "s"].contains(&words[index].trim_end_matches([',', ')'])) {
                let before = words[index - 1].clone();
                let digits = before.trim_start_matches('(');
                if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
                    words[index - 1] = before.replace(digits, "0");
                    words[index] = words[index].replace("ms", "s").replace('s', "ms");
                }
            }
            if is_date(&words[index]) && words.get(index + 1).is_some_and(|time| is_time(time)) {
                words[index] = "[date]".to_owned();
                words[index + 1] = "[time]  ".to_owned();
            }
            words[index] = hide_versions(&words[index], &now);
        }
        steady += words.join(" ").trim_end();
        steady.push('\n');
    }
    steady
}

fn is_date(word: &str) -> bool {
    word.len() == 10
        && word.chars().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() })
}

fn is_time(word: &str) -> bool {
    word.len() == 8
        && word.chars().enumerate().all(|(at, c)| if at == 2 || at == 5 { c == ':' } else { c.is_ascii_digit() })
}

/// Versions of this month, which no test writes by hand.
fn hide_versions(word: &str, now: &str) -> String {
    let Some(start) = word.find(now) else { return word.to_owned() };
    let digits = word[start..].chars().take_while(char::is_ascii_digit).count();
    if digits != 14 {
        return word.to_owned();
    }
    format!("{}[version]{}", &word[..start], &word[start + digits..])
}

/// The words of a line, some of them in single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A text that no other test has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
