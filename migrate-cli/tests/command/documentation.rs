//! `docs/command.md` says what the command says of itself.

use crate::support::Project;
use std::path::Path;

fn documentation() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command.md")).unwrap()
}

fn help(project: &Project, command: &str) -> String {
    let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    let output = project.command(env!("CARGO_BIN_EXE_peristyle"), &arguments, "").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The help of a command, without the options that every command has.
fn own(help: &str) -> String {
    let Some((before, after)) = help.split_once("\nOptions of every command:\n") else {
        return help.trim_end().to_owned();
    };
    match after.split_once("\n\n") {
        Some((_, after)) => format!("{}\n\n{after}", before.trim_end()).trim_end().to_owned(),
        None => before.trim_end().to_owned(),
    }
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn every_command_is_documented_with_its_help_and_examples() {
    let (project, documentation) = (Project::empty(), documentation());
    let top = help(&project, "");
    let mut count = 0;
    for command in listed(&top) {
        let subcommands = listed(&help(&project, &command));
        let paths: Vec<String> = match subcommands.is_empty() {
            true => vec![command],
            false => subcommands.into_iter().map(|name| format!("{command} {name}")).collect(),
        };
        for path in paths {
            let help = own(&help(&project, &path));
            let section = format!("\n### `peristyle {path}`\n\n```text\n{help}\n```\n");
            assert!(documentation.contains(&section), "docs/command.md lacks:\n{section}");
            assert!(help.contains("Examples:\n  peristyle "), "{path} has no examples");
            count += 1;
        }
    }
    assert_eq!(count, 27);
}

#[test]
fn the_options_of_every_command_the_exit_codes_and_the_configuration_are_documented() {
    let (project, documentation) = (Project::empty(), documentation());
    let top = help(&project, "");
    let (options, exits) =
        top.split_once("Options of every command:\n").unwrap().1.split_once("\n\nExit codes:\n").unwrap();
    let (exits, _) = exits.split_once("\n\n").unwrap();
    assert!(documentation.contains(&format!("```text\nOptions of every command:\n{options}\n```\n")), "{options}");
    assert!(documentation.contains(&format!("```text\n{exits}\n```\n")), "{exits}");
    project.run("init");
    let configuration = project.read("peristyle.toml");
    assert!(documentation.contains(&format!("```toml\n{configuration}```\n")), "{configuration}");
}
