//! `completions` and `man`.

use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::program;
use crate::cli::run::tree;
use std::path::Path;

/// `completions`.
pub fn completions(shell: clap_complete::Shell, output: Output) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree(), program::name(), &mut script);
    output.raw(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}

/// `man`.
pub fn man(folder: Option<&Path>, output: Output) -> Outcome {
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "made", &error))?;
            clap_mangen::generate_to(tree(), folder).map_err(|error| Failure::file(folder, "written", &error))?;
            output.say(format!("wrote the pages to {}", folder.display()));
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(tree())
                .render(&mut page)
                .map_err(|error| Failure::new(Exit::File, format!("the page cannot be made: {error}")))?;
            output.raw(&String::from_utf8_lossy(&page));
        }
    }
    Ok(Exit::Done)
}
