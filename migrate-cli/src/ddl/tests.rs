//! Rendering, case by case.
