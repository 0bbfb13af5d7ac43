//! Applies the migrations of a folder: `migrate_program URL FOLDER`. It prints the versions that it applied, a line each.

use peristyle::migrate::{Migrations, Migrator, Target};
use std::error::Error;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (url, folder) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    if let Err(error) = migrate(&url, &folder).await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn migrate(url: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    let repo = peristyle::connect(url).await?;
    let report = Migrator::new(&repo, Migrations::from_folder(folder)?).up(Target::All).await?;
    for version in report.versions() {
        println!("{version}");
    }
    repo.close().await;
    Ok(())
}
