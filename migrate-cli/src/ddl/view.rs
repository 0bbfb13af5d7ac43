//! Views.

use super::{Context, flag};
use crate::catalog::{ObjectName, View};

impl Context<'_> {
    pub(super) fn create_view(self, view: &View, replaces: bool) -> Result<Vec<String>, String> {
        let query = view.query.trim().trim_end_matches(';').trim_end();
        let name = view.name.quoted();
        let mut statements = Vec::new();
        if view.materialized {
            self.only_postgres("materialized views", "; make a view, or a table that triggers fill")?;
            if replaces {
                statements.push(format!("DROP MATERIALIZED VIEW {name}"));
            }
            statements.push(format!("CREATE MATERIALIZED VIEW {name} AS {query}"));
        } else if replaces && self.sqlite() {
            statements.push(format!("DROP VIEW {name}"));
            statements.push(format!("CREATE VIEW {name} AS {query}"));
        } else {
            statements.push(format!("CREATE {}VIEW {name} AS {query}", flag(replaces, "OR REPLACE ")));
        }
        for index in &view.indexes {
            statements.extend(self.create_index(&view.name, index, false, false)?);
        }
        Ok(statements)
    }

    pub(super) fn drop_view(
        self,
        name: &ObjectName,
        materialized: bool,
        if_exists: bool,
        cascade: bool,
    ) -> Result<Vec<String>, String> {
        if materialized {
            self.only_postgres("materialized views", "")?;
        }
        Ok(vec![format!(
            "DROP {}VIEW {}{}{}",
            flag(materialized, "MATERIALIZED "),
            flag(if_exists, "IF EXISTS "),
            name.quoted(),
            flag(cascade && !self.sqlite(), " CASCADE")
        )])
    }
}
