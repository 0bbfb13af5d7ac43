//! Operations of Rust migrations that run for a prefix.

use crate::catalog::ObjectName;
use crate::operation::{Commented, Operation};

/// Gives the names of what an operation makes or changes a prefix.
///
/// # Errors
///
/// The first name that has another prefix of its own.
pub(crate) fn apply(operation: &mut Operation, prefix: &str) -> Result<(), ObjectName> {
    for name in own_names(operation) {
        match name.prefix.as_deref() {
            None => name.prefix = Some(prefix.to_owned()),
            Some(own) if own == prefix => {}
            Some(_) => return Err(name.clone()),
        }
    }
    Ok(())
}

/// The names of what an operation makes or changes, and of what makes it again.
fn own_names(operation: &mut Operation) -> Vec<&mut ObjectName> {
    match operation {
        Operation::CreateTable { table, .. } => vec![&mut table.name],
        Operation::DropTable { name, table, .. } => {
            std::iter::once(name).chain(table.as_mut().map(|table| &mut table.name)).collect()
        }
        Operation::DropView { name, view, .. } => {
            std::iter::once(name).chain(view.as_mut().map(|view| &mut view.name)).collect()
        }
        Operation::RenameTable { from: name, .. }
        | Operation::RenameEnum { from: name, .. }
        | Operation::AlterTable { name, .. }
        | Operation::CreateIndex { table: name, .. }
        | Operation::DropIndex { table: name, .. }
        | Operation::RenameIndex { table: name, .. }
        | Operation::DropEnum { name, .. }
        | Operation::AddEnumValue { name, .. }
        | Operation::RenameEnumValue { name, .. } => vec![name],
        Operation::CreateEnum(each) => vec![&mut each.name],
        Operation::CreateView { view, .. } => vec![&mut view.name],
        Operation::Comment { on, .. } => match on {
            Commented::Table(name)
            | Commented::Column(name, _)
            | Commented::Index(name)
            | Commented::Constraint(name, _) => vec![name],
        },
        Operation::CreateExtension(_)
        | Operation::DropExtension(_)
        | Operation::CreateSchema { .. }
        | Operation::DropSchema { .. }
        | Operation::Execute { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_inherits_the_prefix_and_another_one_is_refused() {
        let rename = |from: &str| Operation::RenameTable { from: from.into(), to: "b".into() };
        let mut operation = rename("a");
        assert_eq!(apply(&mut operation, "t1"), Ok(()));
        assert_eq!(operation, rename("t1.a"));
        assert_eq!(apply(&mut operation, "t1"), Ok(()));
        assert_eq!(apply(&mut operation, "t2"), Err(ObjectName::with_prefix("t1", "a")));
    }
}
