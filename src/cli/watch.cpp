#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "cli/chart.h"
#include "cli/command.h"
#include "cli/run_log.h"

namespace sinew::cli {
namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(400);

struct Options {
  std::string run;
  bool once = false;
};

struct Screen {
  int columns = 80;
  /// 0: without bounds.
  int rows = 0;

  bool operator==(const Screen&) const = default;
};

/// The window's size, or what COLUMNS and LINES say of a pipe's.
Screen screen() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return {size.ws_col, size.ws_row};
  const auto number = [](const char* name, int otherwise) {
    const char* text = std::getenv(name);
    const int value = text ? std::atoi(text) : 0;
    return value > 0 ? value : otherwise;
  };
  return {number("COLUMNS", 80), number("LINES", 0)};
}

/// As many charts as there is room for; of the other results the latest values.
std::vector<std::string> frame_of(const RunLog& log, const Screen& screen, bool colours) {
  constexpr int kUsualRows = 14;
  const auto count = static_cast<int>(log.curves().size());
  ChartSize size{.columns = std::max(1, screen.columns), .rows = kUsualRows, .colours = colours};
  int charts = count;
  if (screen.rows > 0) {
    // A line is kept for the cursor.
    const int rows = screen.rows - 1;
    while (charts > 1 && (rows - (count - charts)) / charts < kLeastChartRows) --charts;
    size.rows = std::max(kLeastChartRows, (rows - (count - charts)) / std::max(1, charts));
  }
  std::vector<std::string> lines;
  if (count == 0) lines.push_back("waiting for the first results…");
  for (int i = 0; i < count; ++i) {
    const Curves& curves = log.curves()[static_cast<std::size_t>(i)];
    if (i >= charts) {
      lines.push_back(describe(curves, size));
      continue;
    }
    const std::vector<std::string> chart = draw_chart(curves, size);
    lines.insert(lines.end(), chart.begin(), chart.end());
  }
  return lines;
}

void print_once(const Options& options, bool colours) {
  RunLog log(options.run);
  log.update();
  for (const std::string& line : frame_of(log, screen(), colours)) fmt::print("{}\n", line);
}

void follow(const Options& options) {
  RunLog log(options.run);
  Screen drawn_on{0, 0};
  while (true) {
    std::error_code ignored;
    // The run may not have begun.
    const bool there = std::filesystem::exists(options.run, ignored);
    const bool changed = there && log.update();
    const Screen now = screen();
    if (changed || now != drawn_on) {
      // Over the frame before: clearing the screen first would flicker.
      std::string frame = now == drawn_on ? "\033[H" : "\033[2J\033[H";
      for (const std::string& line : frame_of(log, now, true)) frame += line + "\033[K\n";
      fmt::print("{}\033[J", frame);
      std::fflush(stdout);
      drawn_on = now;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

void watch(const Options& options) {
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  // What is piped, or kept in a file, is one frame of plain text.
  if (options.once || !terminal) return print_once(options, terminal);
  follow(options);
}

}  // namespace

void add_watch(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "watch", "Draw a training's curves in the terminal while it writes them; Ctrl-C ends it");
  const auto options = std::make_shared<Options>();
  command
      ->add_option(
          "run", options->run,
          "A log (`sinew train --log`), a folder of TensorBoard's event files, or a folder "
          "with one of these in it")
      ->required();
  command->add_flag("--once", options->once,
                    "Draw what there is and end, as where the output is no terminal");
  command->callback([options, &chosen] { chosen = [options] { watch(*options); }; });
}

}  // namespace sinew::cli
