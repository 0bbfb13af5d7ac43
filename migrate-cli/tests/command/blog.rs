//! The section about migrations in the README stays true: its commands are run on the example that they are about.

use crate::support::{Project, steady};
use std::path::Path;

/// A block of code between ```` ``` ````, with what stands behind the opening marks.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = markdown;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap();
        // The closing marks may follow at once.
        let (text, after) = after.split_once("```").unwrap();
        blocks.push(Block { language, text });
        rest = after;
    }
    blocks
}

/// The section of the README under a heading.
fn section(readme: &str, heading: &str) -> String {
    let start = readme.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = &readme[start + 1..];
    let end = section[1..].find("\n## ").map_or(section.len(), |end| end + 1);
    format!("{}\n", &section[..end])
}

fn copy(from: &Path, project: &Project, to: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{to}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            copy(&path, project, &format!("{name}/"));
        } else if !name.contains("blog.db") {
            project.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Changes a file as a block with `-` and `+` says; its first line names the file.
fn patch(project: &Project, diff: &str) {
    let (file, lines) = diff.split_once('\n').unwrap();
    let file = file.strip_prefix("--- ").unwrap();
    let side = |left_out: char| -> String {
        let kept = lines.lines().filter(|line| !line.starts_with(left_out));
        kept.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
    };
    let (before, after) = (side('+'), side('-'));
    let text = project.read(file);
    assert_eq!(text.matches(&before).count(), 1, "{file} does not have once:\n{before}");
    project.write(file, &text.replace(&before, &after));
}

#[test]
fn the_section_about_migrations_shows_what_the_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let section = section(&readme, "Migrations");
    let mut project = Project::empty();
    let original = root.join("examples/blog");
    copy(&original, &project, "");
    let programs = Path::new(env!("CARGO_BIN_EXE_peristyle")).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap();
    project.set("PATH", &format!("{programs}:{path}"));
    // What the README calls postgres://localhost/blog is a database of this test.
    let server = project.new_postgres_url("blog");

    let mut commands = 0;
    for block in blocks(&section) {
        match block.language {
            "diff" => patch(&project, block.text),
            "console" => {
                let mut printed = String::new();
                for line in block.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
                    printed += &format!("$ {line}\n");
                    if let Some(url) = line.strip_prefix("export DATABASE_URL=") {
                        assert_eq!(url, "postgres://localhost/blog");
                        project.set("DATABASE_URL", &server);
                        // The change of before was for the other store.
                        copy(&original.join("src"), &project, "src/");
                        continue;
                    }
                    let output = project.command("sh", &["-c", &format!("{line} 2>&1")], "").output().unwrap();
                    let shown = project.steady(&String::from_utf8(output.stdout).unwrap());
                    printed += &shown.replace("postgres://server/blog", "postgres://localhost/blog");
                    commands += 1;
                }
                let expected = unversioned(&steady(block.text));
                assert_eq!(
                    unversioned(&printed),
                    expected,
                    "the README shows:\n{expected}\nand really it is:\n{printed}"
                );
            }
            _ => {}
        }
    }
    assert!(commands >= 10, "only {commands} commands are in the README");
}

/// A text in which every version but that of the example's own migration is `[version]`, and every time `[date] [time]`.
fn unversioned(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut shown = String::new();
        let mut rest = line;
        while let Some(start) = rest.find("2026") {
            let digits: String = rest[start..].chars().take_while(char::is_ascii_digit).collect();
            shown += &rest[..start];
            shown += if digits.len() == 14 && digits != "20261122143000" { "[version]" } else { &digits };
            rest = &rest[start + digits.len()..];
        }
        shown += rest;
        // Columns are as wide as what is in them.
        lines.push(shown.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}
