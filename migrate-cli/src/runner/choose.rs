//! Which migrations run, in which direction.

use super::error::MigrateError;
use super::history::History;
use super::set::{Migration, Migrations};
use super::version_table::{RowState, VersionRow};
use super::{Direction, Target};
use std::sync::Arc;

/// What to do with migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Apply those that are pending.
    Up(Target),
    /// Take back those that are applied, the latest first.
    Down(Target),
    /// Make this version the latest that is applied; 0 is the empty database.
    Goto(u64),
    /// Take back and apply again.
    Redo(Target),
    /// Apply this version, whatever others are pending.
    UpOne(u64),
    /// Take this version back, whatever others are applied.
    DownOne(u64),
}

impl Action {
    /// Whether history has to fit the migrations: on the way up, and not to take back what was edited.
    pub(crate) fn verifies(self) -> bool {
        matches!(self, Action::Up(_) | Action::UpOne(_))
    }
}

/// A migration that is to run.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) migration: Arc<Migration>,
    pub(crate) direction: Direction,
}

/// Chooses the migrations that run, in order.
pub(crate) fn choose(action: Action, set: &Migrations, history: &History) -> Result<Vec<Move>, MigrateError> {
    match action {
        Action::Up(target) => up(target, set, history),
        Action::Down(target) => down(target, set, history),
        Action::Goto(version) => goto(version, set, history),
        Action::Redo(target) => redo(target, set, history),
        Action::UpOne(version) => {
            set.known(version)?;
            let pending = history.pending(set).into_iter().filter(|migration| migration.version() == version);
            going_up(pending, history)
        }
        Action::DownOne(version) => {
            let rows = history.row(version);
            going_down(rows.into_iter(), set)
        }
    }
}

fn up(target: Target, set: &Migrations, history: &History) -> Result<Vec<Move>, MigrateError> {
    let pending = history.pending(set).into_iter();
    match target {
        Target::All => going_up(pending, history),
        Target::Step(count) => going_up(pending.take(count), history),
        Target::To(version) => {
            set.known(version)?;
            going_up(pending.filter(|migration| migration.version() <= version), history)
        }
    }
}

fn down(target: Target, set: &Migrations, history: &History) -> Result<Vec<Move>, MigrateError> {
    let rows = history.rows().rev();
    match target {
        Target::All => going_down(rows, set),
        Target::Step(count) => going_down(rows.take(count), set),
        Target::To(version) => {
            if version != 0 && history.row(version).is_none() {
                set.known(version)?;
            }
            going_down(rows.filter(|row| row.id.version > version), set)
        }
    }
}

fn goto(version: u64, set: &Migrations, history: &History) -> Result<Vec<Move>, MigrateError> {
    let mut moves = down(Target::To(version), set, history)?;
    if version != 0 && set.find(version).is_some() {
        moves.extend(up(Target::To(version), set, history)?);
    }
    Ok(moves)
}

fn redo(target: Target, set: &Migrations, history: &History) -> Result<Vec<Move>, MigrateError> {
    let mut moves = down(target, set, history)?;
    let again: Vec<Move> =
        moves.iter().rev().map(|each| Move { migration: each.migration.clone(), direction: Direction::Up }).collect();
    moves.extend(again);
    Ok(moves)
}

fn going_up<'s>(
    migrations: impl Iterator<Item = &'s Arc<Migration>>,
    history: &History,
) -> Result<Vec<Move>, MigrateError> {
    migrations
        .map(|migration| match history.row(migration.version()).map(|row| row.state) {
            Some(RowState::Reverting) => Err(MigrateError::Dirty {
                migration: migration.id().clone(),
                reason: "it was being taken back; run `down` again, which goes on where it stopped, and then `up`"
                    .to_owned(),
            }),
            _ => Ok(Move { migration: migration.clone(), direction: Direction::Up }),
        })
        .collect()
}

fn going_down<'r>(rows: impl Iterator<Item = &'r VersionRow>, set: &Migrations) -> Result<Vec<Move>, MigrateError> {
    rows.map(|row| {
        if row.state == RowState::Applying {
            return Err(MigrateError::Dirty {
                migration: row.id.clone(),
                reason: "it was being applied; run `up` again, which goes on where it stopped, and then `down`"
                    .to_owned(),
            });
        }
        match set.find(row.id.version) {
            Some(migration) => Ok(Move { migration: migration.clone(), direction: Direction::Down }),
            None => Err(MigrateError::Missing(vec![row.id.clone()])),
        }
    })
    .collect()
}
