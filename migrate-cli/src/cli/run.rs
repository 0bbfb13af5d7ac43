//! From the arguments to the exit code.

use super::app::App;
use super::args::{Cli, Command, Db, Migrate, Schema};
use super::command;
use super::config::Config;
use super::database::Cleanup;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::output::Output;
use clap::Parser;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::process::ExitCode;

/// Runs the command `peristyle` with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    let exit = match run(cli, output) {
        Ok(exit) => exit,
        Err(failure) => {
            output.error_line(&failure.render(output.error_colors()));
            failure.code()
        }
    };
    ExitCode::from(exit.code())
}

fn run(cli: Cli, output: Output) -> Outcome {
    match &cli.command {
        Command::Init(init) => return command::init::run(init, &cli.global, output),
        Command::Completions { shell } => return command::shell::completions(*shell, output),
        Command::Man { folder } => return command::shell::man(folder.as_deref(), output),
        _ => {}
    }
    // Before there are threads, since it sets variables of the environment.
    let config = Config::read(&cli.global)?;
    let cleanup = Cleanup::default();
    let app = App { global: cli.global, config, output, cleanup: cleanup.clone() };
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
        let cleaned = cleanup.run().await;
        outcome.and_then(|exit| cleaned.map(|()| exit))
    })
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
    }
}

async fn migrate(app: &App, command: &Migrate) -> Outcome {
    match command {
        Migrate::New(new) => command::new::run(new, app.config.one(&app.global)?, app.output),
        _ => Err(Failure::usage("this build does not have the command yet")),
    }
}

async fn db(app: &App, command: &Db) -> Outcome {
    match command {
        Db::Create(_) => command::db::create(app).await,
        Db::Drop(drop) => command::db::drop(app, drop).await,
        Db::Reset(reset) => command::db::reset(app, reset).await,
        Db::Seed(seed) => command::db::seed(app, seed).await,
        Db::Query(query) => command::db::query(app, query).await,
        _ => Err(Failure::usage("this build does not have the command yet")),
    }
}

async fn schema(_: &App, _: &Schema) -> Outcome {
    Err(Failure::usage("this build does not have the command yet"))
}
