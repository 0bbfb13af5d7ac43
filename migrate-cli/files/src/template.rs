use crate::file::MigrationFile;
use crate::lexer::Flavor;

impl MigrationFile {
    /// The name of a new file: `20261122143000_add_posts.sql`. Make the name with [`slug`](crate::slug).
    pub fn file_name(version: u64, name: &str) -> String {
        format!("{version}_{name}.sql")
    }

    /// The text of a new file with this SQL in its sections, perhaps none yet.
    ///
    /// On Postgres it limits how long a statement waits for a lock: a statement that waits stops all that come behind it.
    pub fn template(flavor: Flavor, up: &str, down: &str) -> String {
        let header = match flavor {
            Flavor::Postgres => "-- migrate:lock-timeout 5s\n\n",
            Flavor::Sqlite => "",
        };
        let section = |sql: &str| match sql.trim() {
            "" => "\n".to_owned(),
            sql => format!("{sql}\n"),
        };
        format!("{header}-- migrate:up\n{}\n-- migrate:down\n{}", section(up), section(down))
    }
}
