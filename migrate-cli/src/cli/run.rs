//! From the arguments to the exit code.

use super::app::App;
use super::args::{Cli, Command, Db, Migrate, Schema};
use super::config::{Config, RepoConfig};
use super::database::Cleanup;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::output::{Output, counted};
use super::program;
use crate::runner::{Migration, Migrations};
use clap::{CommandFactory, FromArgMatches};
use futures_util::future::{Either, select};
use peristyle_migration_files::FileName;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;

/// The command `peristyle`, with the arguments of the process.
pub fn command() -> ExitCode {
    start(std::env::args_os().collect(), None)
}

/// The command with an app's own migrations inside, those in Rust too: the whole `main` of a `migrate` binary.
///
/// It has all commands of `peristyle`; those of `peristyle migrate` may be called without that word, as in
/// `cargo run --bin migrate -- up`. The rest, such as the database and the folder for new files, stands in `peristyle.toml`.
///
/// ```no_run
/// use peristyle_migrate::{Migrations, main as command};
///
/// fn main() -> std::process::ExitCode {
///     command(Migrations::new()) // peristyle::migrate::main(migrations!("migrations").with(CreatePosts))
/// }
/// ```
pub fn main(migrations: Migrations) -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let stem = arguments.first().and_then(|path| Path::new(path).file_stem()).unwrap_or(OsStr::new("migrate"));
    let stem = stem.to_string_lossy().into_owned();
    program::is_own(match std::env::var_os("CARGO") {
        Some(_) => format!("cargo run --bin {stem} --"),
        None => stem,
    });
    let tree = tree();
    let is_command = |tree: &clap::Command, word: &OsStr| tree.find_subcommand(word).is_some();
    let first = arguments.iter().skip(1).position(|word| {
        is_command(&tree, word) || tree.find_subcommand("migrate").is_some_and(|migrate| is_command(migrate, word))
    });
    if let Some(first) = first.map(|first| first + 1).filter(|&first| !is_command(&tree, &arguments[first])) {
        arguments.insert(first, "migrate".into());
    }
    start(arguments, Some(migrations))
}

/// The tree of commands, called as this program is.
pub fn tree() -> clap::Command {
    fn called(command: clap::Command) -> clap::Command {
        let help = command.get_after_help().map(|help| program::examples(&help.to_string()));
        let command = match help {
            Some(help) => command.after_help(help),
            None => command,
        };
        command.mut_subcommands(called)
    }
    match program::name() {
        "peristyle" => Cli::command(),
        name => called(Cli::command()).name(name.to_owned()).bin_name(name),
    }
}

fn start(arguments: Vec<OsString>, own: Option<Migrations>) -> ExitCode {
    let matches = tree().get_matches_from(arguments);
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let output = Output::new(&cli.global);
    let outcome = run(cli, output, own).and_then(|exit| match output.lost() {
        Some(error) => Err(Failure::new(Exit::File, format!("the standard output cannot be written: {error}"))),
        None => Ok(exit),
    });
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            output.error_line(failure.render(output.error_colors()).trim_end());
            failure.code()
        }
    };
    ExitCode::from(exit.code())
}

fn run(cli: Cli, output: Output, own: Option<Migrations>) -> Outcome {
    match &cli.command {
        Command::Init(init) => return super::command::init::run(init, &cli.global, output),
        Command::Completions { shell } => return super::command::shell::completions(*shell, output),
        Command::Man { folder } => return super::command::shell::man(folder.as_deref(), output),
        _ => {}
    }
    // Before there are threads, since it sets variables of the environment.
    let mut config = Config::read(&cli.global)?;
    if let Some(own) = &own {
        // The migrations inside are those of one repo.
        let repo = config.one(&cli.global)?.clone();
        warn_of_other_files(own, &repo, output);
        config.repos = vec![repo];
    }
    let cleanup = Cleanup::default();
    let app = App { global: cli.global, config, output, cleanup: cleanup.clone(), own };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::File, format!("the system gives no threads: {error}")))?;
    runtime.block_on(async {
        // What is dropped halfway rolls back.
        let outcome = match select(pin!(dispatch(&app, &cli.command)), pin!(interrupted())).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(Failure::new(Exit::Interrupted, "interrupted")),
        };
        match (outcome, cleanup.run().await) {
            (Ok(exit), cleaned) => cleaned.map(|()| exit),
            (Err(failure), Ok(())) => Err(failure),
            (Err(failure), Err(left)) => {
                output.error_line(left.render(output.error_colors()).trim_end());
                Err(failure)
            }
        }
    })
}

/// Warns of files that came after an app's own binary was built, or have another text there, such as that for another store.
fn warn_of_other_files(own: &Migrations, repo: &RepoConfig, output: Output) {
    let dialect = repo.dialect().ok();
    if let (Some(dialect), Ok(files)) = (dialect, Migrations::from_folder(&repo.migrations)) {
        let sum = |migration: &Migration| migration.content(dialect).ok().map(|content| content.checksum_up);
        let other =
            files.iter().filter(|file| own.get(file.version()).is_some_and(|own| sum(own) != sum(file))).count();
        if other > 0 {
            let what = counted(other, "migration");
            let folder = repo.migrations.display();
            output.warn(format!(
                "the text of {what} in {folder} is another one in this program: build it again, for this store"
            ));
        }
    }
    let Ok(entries) = std::fs::read_dir(&repo.migrations) else { return };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let versions = names.filter_map(|name| FileName::parse(&name).ok().flatten()).map(|name| name.version);
    let new = versions.filter(|&version| own.get(version).is_none()).collect::<BTreeSet<_>>().len();
    if new > 0 {
        let what = counted(new, "migration");
        output.warn(format!("{what} of {} not in this program: build it again", repo.migrations.display()));
    }
}

/// Waits for Ctrl-C, or for what ends a service.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        select(pin!(tokio::signal::ctrl_c()), pin!(terminated.recv())).await;
        return;
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn dispatch(app: &App, command: &Command) -> Outcome {
    match command {
        // These need neither a runtime nor a configuration, and ran before.
        Command::Init(_) | Command::Completions { .. } | Command::Man { .. } => Ok(Exit::Done),
        Command::Migrate(command) => migrate(app, command).await,
        Command::Db(command) => db(app, command).await,
        Command::Schema(command) => schema(app, command).await,
        Command::Reindex(command) => super::command::reindex::reindex(app, command).await,
    }
}

async fn migrate(app: &App, command: &Migrate) -> Outcome {
    match command {
        Migrate::New(new) => super::command::new::run(new, app.config.one(&app.global)?, app.output),
        Migrate::Up(up) => super::command::up::up(app, up).await,
        Migrate::Down(down) => super::command::up::down(app, down).await,
        Migrate::Redo(redo) => super::command::up::redo(app, redo).await,
        Migrate::Goto(goto) => super::command::up::goto(app, goto).await,
        Migrate::Plan(plan) => super::command::plan::plan(app, plan).await,
        Migrate::Repair(repair) => super::command::repair::repair(app, repair).await,
        Migrate::Baseline(baseline) => super::command::repair::baseline(app, baseline).await,
        Migrate::Lint(lint) => super::command::lint::lint(app, lint).await,
        Migrate::Diff(diff) => super::command::diff::diff(app, diff).await,
        Migrate::Check(check) => super::command::check::check(app, check).await,
        Migrate::Verify(verify) => super::command::verify::verify(app, verify).await,
        Migrate::Status(status) => super::command::status::status(app, status).await,
    }
}

async fn db(app: &App, command: &Db) -> Outcome {
    match command {
        Db::Create => super::command::db::create(app).await,
        Db::Drop(drop) => super::command::db::drop(app, drop).await,
        Db::Reset(reset) => super::command::db::reset(app, reset).await,
        Db::Seed(seed) => super::command::db::seed(app, seed).await,
        Db::Dump(dump) => super::command::db::dump(app, dump).await,
        Db::Load(load) => super::command::db::load(app, load).await,
        Db::Check(check) => super::command::db::check(app, check).await,
        Db::Query(query) => super::command::db::query(app, query).await,
    }
}

async fn schema(app: &App, command: &Schema) -> Outcome {
    match command {
        Schema::Pull(pull) => super::command::schema::pull(app, pull).await,
        Schema::Erd(erd) => super::command::schema::erd(app, erd).await,
    }
}
