//! Peristyle side by side with its peers. `README.md` says how to run it and what it measured.

mod harness;
mod item;
mod postgres;
mod redis;
mod sqlite;

use harness::{Options, Result, table};

const USAGE: &str = "usage: side-by-side [--rounds N] [--case PART_OF_TITLE] [--alone CONTENDER OPERATIONS]";

fn main() -> Result<()> {
    let options = options(std::env::args().skip(1))?;
    // Everything but SQLite's own threads and the server runs on this thread, so that it is the work that is compared.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sqlite = sqlite::run(&options).await?;
        let postgres = postgres::run(&options).await?;
        let redis = redis::run(&options).await?;
        for report in [sqlite, postgres, redis] {
            if !report.is_empty() {
                println!("{}", table(&report));
            }
        }
        Ok(())
    })
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options { rounds: 61, ..Options::default() };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--rounds" => options.rounds = value()?.parse()?,
            "--case" => options.case = value()?,
            "--alone" => options.alone = Some((value()?, value()?.parse()?)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}
