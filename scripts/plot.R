#!/usr/bin/env Rscript
# Pictures of a results folder, made from its CSV files.
#
#     Rscript scripts/plot.R RESULTS [--variables "tension[ROK,PRK],trust[ROK,USA]"] [--point 0]
#
# writes into RESULTS/figures-r: trajectories.png, outcomes.png, differences.png, moves.png,
# survival.png. They show the same as those of scripts/plot.py, which go to RESULTS/figures. Of a sweep
# one point is drawn, the first or that of --point; a note and the pictures say which. Needs ggplot2,
# and jsonlite for the titles and units that datapackage.json has for names. A picture whose file is
# missing is left out with a note.

suppressPackageStartupMessages(library(ggplot2))

# Okabe and Ito's colours, which people with any common colour vision tell apart.
colours <- c("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
line <- colours[1]
bookkeeping <- "^(utility|payoff|belief|happened)\\["
most_variables <- 8
most_histograms <- 8
most_differences <- 12
most_survival <- 8

theme_set(
  theme_minimal(base_size = 10) + theme(
    panel.grid.minor = element_blank(),
    plot.title = element_text(face = "bold", size = 13),
    plot.title.position = "plot",
    strip.text = element_text(face = "bold"),
    legend.position = "bottom",
    legend.box = "vertical",
    legend.margin = margin(0, 0, 0, 0),
    panel.spacing.x = unit(14, "pt"),
    plot.background = element_rect(fill = "white", colour = NA)
  )
)

note <- function(...) message("note: ", ...)

# Names separated by commas, except commas inside brackets.
split_names <- function(text) {
  characters <- strsplit(text, "")[[1]]
  depth <- cumsum((characters == "[") - (characters == "]"))
  characters[characters == "," & depth == 0] <- "\n"
  names <- trimws(strsplit(paste(characters, collapse = ""), "\n")[[1]])
  names[names != ""]
}

# What names of a kind ("arms", "outcomes", "variables") are called in pictures, by name.
read_labels <- function(folder, kind) {
  path <- file.path(folder, "datapackage.json")
  if (!file.exists(path)) return(character())
  if (!requireNamespace("jsonlite", quietly = TRUE)) {
    note("without the package jsonlite names stand in place of titles")
    return(character())
  }
  package <- jsonlite::fromJSON(path, simplifyVector = FALSE)
  labels <- character()
  for (label in do.call(c, lapply(package$resources, function(resource) resource[[kind]]))) {
    text <- if (is.null(label$title)) label$name else label$title
    if (!is.null(label$unit)) text <- paste0(text, " (", label$unit, ")")
    labels[label$name] <- text
  }
  labels
}

# A function from names to what they are called, in lines of about so many characters.
called <- function(labels, width = 30) {
  function(keys) {
    found <- ifelse(keys %in% names(labels), labels[keys], keys)
    unname(vapply(found, function(text) paste(strwrap(text, width), collapse = "\n"), ""))
  }
}

# Scenario, N and seed, from datapackage.json; NULL without one.
caption_of <- function(folder) {
  path <- file.path(folder, "datapackage.json")
  if (!file.exists(path) || !requireNamespace("jsonlite", quietly = TRUE)) return(NULL)
  package <- jsonlite::fromJSON(path, simplifyVector = FALSE)
  made <- package$detente
  paste0(package$title, ": ", format(made$runs, big.mark = ","), " runs of each arm, seed ",
         made$seed)
}

# Whether a variable can be 0 and 1 only: no other values from 0 to 1 spread so far.
is_share <- function(rows) {
  most <- rows$mean * (1 - rows$mean) * rows$n / (rows$n - 1)
  apart <- rows$n > 1 & abs(rows$sd^2 - most) > 1e-9
  all(rows$mean >= 0 & rows$mean <= 1, na.rm = TRUE) && !any(apart, na.rm = TRUE)
}

# What rounds are called: their dates where they have them.
rounds_of <- function(table) {
  if (is.null(table$date)) return(waiver())
  dates <- setNames(table$date, table$round)
  cut <- if (all(endsWith(table$date, "-01"))) 7 else 10
  function(at) {
    found <- substr(dates[as.character(round(at))], 1, cut)
    ifelse(is.na(found), "", found)
  }
}

# The arms in file order, `base` first.
in_order <- function(arms) {
  known <- unique(arms)
  factor(arms, levels = c(intersect("base", known), setdiff(known, "base")))
}

# One table at one point of a sweep, or NULL with a note. Names are text even where they look like
# numbers or like "NA", Namibia's code.
read_table <- function(folder, name, point) {
  path <- file.path(folder, name)
  if (!file.exists(path)) {
    note("no ", name)
    return(NULL)
  }
  text <- c("arm", "outcome", "variable", "actor", "track", "move", "target", "date", "interval",
            "versus")
  table <- read.csv(path, colClasses = "character", na.strings = character(), check.names = FALSE,
                    encoding = "UTF-8")
  for (column in setdiff(names(table), text)) {
    table[[column]] <- as.numeric(ifelse(table[[column]] == "", NA, table[[column]]))
  }
  table <- table[table$point == point, , drop = FALSE]
  if (nrow(table) == 0) {
    note(name, " has no rows for point ", point)
    return(NULL)
  }
  table$arm <- in_order(table$arm)
  table
}

# The point to draw, and what it is in words: of a sweep the first one, if none is asked for.
point_of <- function(folder, wanted) {
  path <- file.path(folder, "points.csv")
  if (!file.exists(path)) return(list(if (is.na(wanted)) 0 else wanted, NULL))
  points <- read.csv(path, colClasses = "character", na.strings = character(), check.names = FALSE,
                     encoding = "UTF-8")
  numbers <- as.numeric(points$point)
  point <- if (is.na(wanted)) numbers[1] else wanted
  row <- match(point, numbers)
  if (is.na(row)) {
    stop(folder, " has no point ", point, "; points.csv lists the ", nrow(points), " there are",
         call. = FALSE)
  }
  names <- setdiff(names(points), "point")
  values <- paste(names, "=", unlist(points[row, names]))
  if (length(values) > 4) values <- c(values[1:4], paste(length(values) - 4, "more"))
  words <- paste0("point ", points$point[row], ": ", paste(values, collapse = ", "))
  note("a sweep of ", nrow(points), " points; drawn is ", words,
       ". --point N draws another, scripts/plot_sweep.py all of them")
  list(point, words)
}

# The names that are not shown, so that nobody takes a picture for the whole.
note_rest <- function(shown, known, what) {
  rest <- setdiff(known, shown)
  if (length(rest) > 0) {
    note(length(shown), " of ", length(known), " ", what, "s are shown; the others are: ",
         paste(rest, collapse = ", "))
  }
}

# Variables that move, one of every name (`tension`, `trust`) first, in file order.
default_variables <- function(table) {
  known <- unique(table$variable)
  moves <- function(name) {
    mine <- table$variable == name
    any(max(table$q95[mine], na.rm = TRUE) > min(table$q05[mine], na.rm = TRUE))
  }
  plain <- Filter(moves, known[!grepl(bookkeeping, known)])
  if (length(plain) == 0) return(head(known, most_variables))
  turn <- ave(seq_along(plain), sub("\\[.*", "", plain), FUN = seq_along)
  chosen <- head(plain[order(turn)], most_variables)
  plain[plain %in% chosen]
}

trajectories <- function(table, wanted, labels) {
  known <- unique(table$variable)
  for (name in setdiff(wanted, known)) {
    note("no variable ", name, "; there are: ", paste(known, collapse = ", "))
  }
  chosen <- intersect(wanted, known)
  if (length(chosen) == 0) {
    chosen <- default_variables(table)
    note_rest(chosen, known, "variable")
  }
  table <- table[table$variable %in% chosen, ]
  # Quantiles of what happens or does not are 0 or 1: its share of the runs says more.
  for (name in chosen) {
    mine <- table$variable == name
    if (!is_share(table[mine, ])) next
    table$median[mine] <- table$mean[mine]
    table$q05[mine] <- table$lo[mine]
    table$q95[mine] <- table$hi[mine]
    table$q25[mine] <- table$q75[mine] <- table$mean[mine]
    text <- if (name %in% names(labels$variables)) labels$variables[[name]] else name
    labels$variables[name] <- paste(text, "(share of runs)")
  }
  table$variable <- factor(table$variable, levels = chosen)
  # A single round is drawn out into a short line.
  if (length(unique(table$round)) == 1) {
    table <- rbind(transform(table, round = round - 0.3), transform(table, round = round + 0.3))
  }
  first <- levels(table$arm)[1]
  # Without its arm the first arm's median is drawn in every column.
  base <- table[table$arm == first, c("round", "variable", "median")]
  legend <- c("median of the runs", paste("median of", first))
  picture <- ggplot(table, aes(x = round)) +
    geom_ribbon(aes(ymin = q05, ymax = q95, fill = "all but the outer 5 % on each side")) +
    geom_ribbon(aes(ymin = q25, ymax = q75, fill = "middle half")) +
    geom_line(data = base, aes(y = median, colour = paste("median of", first), group = 1),
              linetype = "dashed") +
    geom_line(aes(y = median, colour = "median of the runs", group = 1), linewidth = 0.8) +
    scale_fill_manual(NULL, values = c("middle half" = "#8fbfdd",
                                       "all but the outer 5 % on each side" = "#d2e5f1")) +
    scale_colour_manual(NULL, values = setNames(c(line, colours[6]), legend)) +
    facet_grid(variable ~ arm, scales = "free_y", switch = "y",
               labeller = labeller(variable = called(labels$variables, 26),
                                   arm = called(labels$arms))) +
    scale_x_continuous(labels = rounds_of(table), n.breaks = 4) +
    labs(title = "How the situation develops, round by round", x = NULL, y = NULL) +
    theme(strip.placement = "outside")
  list(picture, 3.1 * nlevels(table$arm), 2.2 * length(chosen) + 1)
}

outcomes <- function(table, labels) {
  chosen <- head(unique(table$outcome), most_histograms)
  note_rest(chosen, unique(table$outcome), "outcome")
  table <- table[table$outcome %in% chosen, ]
  table$outcome <- factor(table$outcome, levels = chosen)
  totals <- ave(table$count, table$arm, table$outcome, FUN = sum)
  table$share <- table$count / pmax(totals, 1)
  # An outcome that never varies has one bin without a width.
  flat <- table$bin_hi <= table$bin_lo
  table$bin_lo <- ifelse(flat, table$bin_lo - 0.05, table$bin_lo)
  table$bin_hi <- ifelse(flat, table$bin_hi + 0.05, table$bin_hi)
  picture <- ggplot(table) +
    geom_rect(aes(xmin = bin_lo, xmax = bin_hi, ymin = 0, ymax = share), fill = line,
              colour = "white", linewidth = 0.2) +
    scale_y_continuous(labels = function(share) paste0(round(100 * share), " %")) +
    facet_grid(arm ~ outcome, scales = "free_x",
               labeller = labeller(arm = called(labels$arms, 24),
                                   outcome = called(labels$outcomes))) +
    labs(title = "How outcomes are spread over the runs", x = NULL, y = "share of runs")
  list(picture, 3 * length(chosen), 1.9 * nlevels(table$arm) + 0.8)
}

differences <- function(table, labels) {
  chosen <- head(unique(table$outcome), most_differences)
  note_rest(chosen, unique(table$outcome), "outcome")
  table <- table[table$outcome %in% chosen, , drop = FALSE]
  table$outcome <- factor(table$outcome, levels = chosen)
  clear <- !is.na(table$lo) & !is.na(table$hi) & (table$lo > 0 | table$hi < 0)
  table$reading <- ifelse(clear, "interval excludes no change", "interval includes no change")
  columns <- min(3, nlevels(table$outcome))
  rows <- ceiling(nlevels(table$outcome) / columns)
  picture <- ggplot(table, aes(y = arm)) +
    geom_vline(xintercept = 0, colour = "#444444") +
    geom_segment(aes(x = lo, xend = hi, yend = arm), colour = line, linewidth = 1, na.rm = TRUE) +
    geom_point(aes(x = mean, fill = reading), shape = 21, size = 2.8, stroke = 1, colour = line) +
    scale_fill_manual(NULL, values = c("interval excludes no change" = line,
                                       "interval includes no change" = "white")) +
    scale_y_discrete(limits = rev, labels = called(labels$arms)) +
    facet_wrap(~outcome, scales = "free_x", ncol = columns,
               labeller = labeller(outcome = called(labels$outcomes, 36))) +
    labs(title = "What each arm changes, run by run, against base", x = NULL, y = NULL)
  list(picture, max(3.6 * columns, 6), rows * (0.9 + 0.3 * nlevels(droplevels(table$arm))) + 1)
}

moves <- function(table, labels) {
  table$option <- ifelse(table$target == "", table$move, paste(table$move, "->", table$target))
  table$option <- factor(table$option, levels = unique(table$option))
  seat <- ifelse(table$track == "main", table$actor, paste0(table$actor, " (", table$track, ")"))
  table$seat <- factor(seat, levels = unique(seat))
  options <- nlevels(table$option)
  palette <- if (options <= length(colours)) colours[seq_len(options)] else hcl.colors(options)
  picture <- ggplot(table, aes(x = round, y = share, fill = option)) +
    geom_col(width = 0.92, position = position_stack(reverse = TRUE), na.rm = TRUE) +
    scale_fill_manual(NULL, values = palette) +
    scale_y_continuous(labels = function(share) paste0(round(100 * share), " %")) +
    facet_grid(seat ~ arm, switch = "y", labeller = labeller(arm = called(labels$arms))) +
    scale_x_continuous(labels = rounds_of(table), n.breaks = 4) +
    labs(title = "What the actors do, round by round", x = NULL, y = NULL) +
    theme(strip.placement = "outside", legend.position = "right")
  list(picture, 2.9 * nlevels(table$arm) + 2, 2 * nlevels(table$seat) + 0.8)
}

# Step curves of the share of runs in which something has not happened yet, with intervals.
survival <- function(table) {
  chosen <- head(unique(table$outcome), most_survival)
  note_rest(chosen, unique(table$outcome), "outcome")
  table <- table[table$outcome %in% chosen, , drop = FALSE]
  # From the start, when nothing has happened, each row until the next round.
  start <- transform(table[table$round == min(table$round), ], round = 0, survival = 1, lo = 1,
                     hi = 1)
  table <- rbind(start, table)
  table$until <- table$round + ifelse(table$round == max(table$round), 0.5, 1)
  table$outcome <- factor(table$outcome, levels = chosen)
  # The ends of each row's step, in the order of rounds.
  ends <- rbind(transform(table, at = round), transform(table, at = until))
  ends <- ends[order(ends$arm, ends$outcome, ends$round, ends$at), ]
  first <- levels(table$arm)[1]
  # Without its arm the first arm's curve is drawn in every column.
  base <- ends[ends$arm == first, c("at", "outcome", "survival")]
  legend <- c("share of runs without it after the round", paste0(first, ", to compare"))
  picture <- ggplot(ends, aes(x = at)) +
    geom_ribbon(aes(ymin = lo, ymax = hi, fill = "95 % interval"), na.rm = TRUE) +
    geom_path(data = base, aes(y = survival, colour = legend[2]), linetype = "dashed",
              na.rm = TRUE) +
    geom_path(aes(y = survival, colour = legend[1]), linewidth = 0.8, na.rm = TRUE) +
    scale_fill_manual(NULL, values = c("95 % interval" = "#c1dced")) +
    scale_colour_manual(NULL, values = setNames(c(line, colours[6]), legend)) +
    scale_y_continuous(limits = c(0, 1), labels = function(share) paste0(round(100 * share), " %")) +
    facet_grid(outcome ~ arm, switch = "y") +
    scale_x_continuous(labels = rounds_of(table), n.breaks = 4) +
    labs(title = "How long it takes: runs in which it has not happened yet", x = NULL,
         y = NULL) +
    theme(strip.placement = "outside")
  list(picture, 3.1 * nlevels(table$arm), 2.2 * length(chosen) + 1)
}

# The value that follows an option on the command line.
option <- function(arguments, name, default) {
  at <- match(name, arguments)
  if (is.na(at)) return(default)
  if (at == length(arguments)) stop(name, " needs a value", call. = FALSE)
  arguments[at + 1]
}

main <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  usage <- "usage: Rscript scripts/plot.R RESULTS [--variables NAMES] [--point NUMBER]"
  if (length(arguments) == 0 || startsWith(arguments[1], "-")) stop(usage, call. = FALSE)
  results <- arguments[1]
  if (!dir.exists(results)) stop(results, " is not a folder", call. = FALSE)
  wanted <- split_names(option(arguments, "--variables", ""))
  point <- point_of(results, as.numeric(option(arguments, "--point", NA)))

  labels <- sapply(c("arms", "outcomes", "variables"), function(kind) read_labels(results, kind),
                   simplify = FALSE)
  pictures <- list(
    list("trajectories", "trajectory.csv", function(table) trajectories(table, wanted, labels)),
    list("outcomes", "histogram.csv", function(table) outcomes(table, labels)),
    list("differences", "differences.csv", function(table) differences(table, labels)),
    list("moves", "moves.csv", function(table) moves(table, labels)),
    list("survival", "survival.csv", survival)
  )
  folder <- file.path(results, "figures-r")
  made <- 0
  for (entry in pictures) {
    table <- read_table(results, entry[[2]], point[[1]])
    if (is.null(table)) next
    dir.create(folder, showWarnings = FALSE)
    drawn <- entry[[3]](table)
    path <- file.path(folder, paste0(entry[[1]], ".png"))
    caption <- paste(c(caption_of(results), point[[2]]), collapse = "\n")
    ggsave(path, drawn[[1]] + labs(caption = caption), width = max(drawn[[2]], 6.5),
           height = drawn[[3]], dpi = 110, limitsize = FALSE)
    cat(path, "\n", sep = "")
    made <- made + 1
  }
  if (made == 0) stop("nothing to draw in ", results, call. = FALSE)
}

main()
