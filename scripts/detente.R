# detente from R: its tables as data frames.
#
#     source("scripts/detente.R")
#     r <- detente_run("pyongyang-pact", runs = 1000, all_variants = TRUE, seed = 1)
#     r$summary
#     s <- detente("sweep", "chicken", vary = "crash=0:5:6", runs = 100)
#
# Every command that takes --out works; options are those of the program with `_` for `-`, TRUE for
# those without a value, a vector for one that is given several times. The program is the one that
# getOption("detente.program") or the path finds.

# Plays a command into a folder (one that goes with the session unless `out` is given), reads it.
detente <- function(verb, scenario, ..., out = tempfile("detente-")) {
  given <- list(...)
  words <- function(name) {
    option <- paste0("--", gsub("_", "-", name))
    value <- given[[name]]
    if (isTRUE(value)) return(option)
    if (is.null(value) || isFALSE(value)) return(character())
    text <- if (is.numeric(value)) format(value, digits = 17, trim = TRUE) else value
    as.vector(rbind(option, vapply(text, shQuote, "")))
  }
  # integers are written out: 1e+05 is no number of runs
  scipen <- options(scipen = 999)
  on.exit(options(scipen))
  asked <- unlist(lapply(names(given), words))
  program <- getOption("detente.program", "detente")
  call <- c(verb, shQuote(scenario), asked, "--out", shQuote(out), "--format", "json")
  errors <- tempfile()
  status <- system2(program, call, stdout = FALSE, stderr = errors)
  if (status != 0) stop(paste(readLines(errors, warn = FALSE), collapse = "\n"), call. = FALSE)
  detente_read(out)
}

detente_run <- function(scenario, ...) detente("run", scenario, ...)

# The tables of a folder of results by name; an empty field is NA.
detente_read <- function(folder) {
  files <- list.files(folder, pattern = "\\.csv$", full.names = TRUE)
  read <- function(file) read.csv(file, check.names = FALSE, na.strings = "", encoding = "UTF-8")
  tables <- lapply(files, read)
  names(tables) <- sub("\\.csv$", "", basename(files))
  tables
}
