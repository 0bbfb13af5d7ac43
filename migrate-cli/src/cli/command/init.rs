//! `init`.

use crate::cli::args::{Global, Init};
use crate::cli::config;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::url::DatabaseUrl;
use std::path::{Path, PathBuf};

/// Writes peristyle.toml and makes the folder of migrations.
pub fn run(init: &Init, global: &Global, output: Output) -> Outcome {
    let path = global.config.clone().unwrap_or_else(|| PathBuf::from(config::FILE));
    if path.exists() && !init.force {
        return Err(Failure::new(Exit::Refused, format!("{} is there already", path.display()))
            .help("change it, or replace it with --force"));
    }
    let mut text = config::DEFAULT.to_owned();
    if let Some(url) = &global.database_url {
        let url = DatabaseUrl::parse(url)?;
        if url.to_string() != url.secret() {
            return Err(Failure::new(Exit::Refused, "a password does not belong into peristyle.toml")
                .help("write the URL as DATABASE_URL into .env, and keep that file out of the repository"));
        }
        text = text.replace("\"${DATABASE_URL}\"", &serde_json::Value::from(url.secret()).to_string());
    }
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, "written", &error))?;
    output.say(format!("wrote {}", path.display()));
    let folder = path.parent().unwrap_or(Path::new("")).join("migrations");
    if !folder.is_dir() {
        std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, "made", &error))?;
        output.say(format!("made  {}/", folder.display()));
    }
    output.say("next: `peristyle db create`, then `peristyle migrate new NAME` or `peristyle migrate diff NAME`");
    Ok(Exit::Done)
}
