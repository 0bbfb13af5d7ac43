/// The name of a file with a migration: `20261122143000_add_posts.sql`, or with `.up.sql` or `.down.sql` one of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The digits in front.
    pub version: u64,
    /// The name between the version and the ending.
    pub name: String,
    /// What of the migration the file holds.
    pub part: Part,
}

/// What of a migration a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Both sections, each behind its marker.
    Whole,
    /// The way up alone (`.up.sql`).
    Up,
    /// The way down alone (`.down.sql`).
    Down,
}

impl FileName {
    /// Reads the name of a file, perhaps with folders before it. `None` if it is no SQL file, or hidden.
    ///
    /// # Errors
    ///
    /// A message, if it is an SQL file that is not named as a migration.
    pub fn parse(path: &str) -> Result<Option<FileName>, String> {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if file.starts_with('.') {
            return Ok(None);
        }
        let Some(stem) = file.strip_suffix(".sql") else {
            return if file.to_ascii_lowercase().ends_with(".sql") {
                Err("write the ending `.sql` in small letters".to_owned())
            } else {
                Ok(None)
            };
        };
        let (stem, part) = if let Some(stem) = stem.strip_suffix(".up") {
            (stem, Part::Up)
        } else if let Some(stem) = stem.strip_suffix(".down") {
            (stem, Part::Down)
        } else {
            (stem, Part::Whole)
        };
        let digits = stem.find(|c: char| !c.is_ascii_digit()).unwrap_or(stem.len());
        let (version, name) = stem.split_at(digits);
        let Some(name) = name.strip_prefix('_').filter(|name| !version.is_empty() && !name.is_empty()) else {
            return Err(format!(
                "not named as a migration: call it <version>_<name>.sql, such as 20261122143000_{}.sql, or move it to \
                 another folder",
                slug(stem.trim_start_matches(|c: char| c.is_ascii_digit())).unwrap_or_else(|| "add_posts".to_owned())
            ));
        };
        if let Some(odd) = name.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-'))) {
            return Err(format!(
                "`{odd}` in the name of a migration: use letters, digits, `_` and `-`, and the endings .sql, .up.sql and .down.sql"
            ));
        }
        match version.parse::<i64>() {
            Ok(number) => Ok(Some(FileName { version: number.unsigned_abs(), name: name.to_owned(), part })),
            Err(_) => Err(format!("the version {version} is too great: the greatest is {}", i64::MAX)),
        }
    }
}

/// A name for a migration from what a person typed: `Add posts` becomes `add_posts`. `None` if nothing is left of it.
pub fn slug(title: &str) -> Option<String> {
    let mut slug = String::new();
    let mut previous = ' ';
    for character in title.trim().chars() {
        if character.is_alphanumeric() {
            if character.is_uppercase() && (previous.is_lowercase() || previous.is_ascii_digit()) {
                slug.push('_');
            }
            slug.extend(character.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
        previous = character;
    }
    let slug = slug.trim_end_matches('_');
    (!slug.is_empty()).then(|| slug.to_owned())
}
