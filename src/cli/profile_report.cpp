#include "cli/profile_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/profile_groups.h"

namespace sinew::cli {
namespace {

using runtime::name_of;
using runtime::Profile;
using runtime::Step;

/// Numbers of a step or a group of them, as every table shows them.
struct Row {
  double seconds;
  double flops;
  double bytes;
  double floor_seconds;
  double share;
  runtime::Floor::Bound bound;
};

Row row_of(const Step& step, const Profile::Entry& entry) {
  return {entry.seconds,       step.flops,    step.bytes,
          entry.floor.seconds, entry.share(), entry.floor.bound};
}

Row row_of(const ProfileGroup& group) {
  return {group.seconds,       group.flops,   group.bytes,
          group.floor_seconds, group.share(), group.bound()};
}

std::string columns() {
  return fmt::format("{:>9} {:>6} {:>9} {:>8} {:>8} {:>7} {:>9} {:>7} {:<8}", "ms", "time", "MFLOP",
                     "MB", "GFLOP/s", "GB/s", "floor ms", "share", "bound");
}

std::string cells(const Row& row, double total) {
  const double rate = row.seconds > 0 ? 1 / row.seconds : 0;
  return fmt::format(
      "{:>9.4f} {:>5.1f}% {:>9.3f} {:>8.3f} {:>8.1f} {:>7.1f} {:>9.4f} {:>6.1f}% {:<8}",
      row.seconds * 1e3, 100 * row.seconds / total, row.flops / 1e6, row.bytes / 1e6,
      row.flops * rate / 1e9, row.bytes * rate / 1e9, row.floor_seconds * 1e3, 100 * row.share,
      name_of(row.bound));
}

std::string sum_line(const ProfileReport& report) {
  const Profile& p = report.profile;
  return fmt::format(
      "step {:.4f} ms; kernels {:.4f} ms, gaps between them {:.4f} ms; floors {:.4f} ms, {:.1f}% "
      "of the step; {:.1f} MFLOP, {:.1f} GFLOP/s, {:.1f}% of the FMA peak",
      p.seconds * 1e3, p.kernel_seconds() * 1e3, p.gap_seconds * 1e3, p.floor_seconds() * 1e3,
      100 * p.floor_seconds() / p.seconds, report.program->flops() / 1e6,
      report.program->flops() / p.seconds / 1e9,
      100 * report.program->flops() / p.seconds / report.peak.fma_flops);
}

std::string head_line(const ProfileReport& report) {
  return fmt::format(
      "{}, {}: {} kernel calls, {} threads; FMA peak {:.0f} GFLOP/s, memory {:.1f} GB/s",
      report.name, report.mode, report.program->steps.size(), report.threads,
      report.peak.fma_flops / 1e9, report.peak.bandwidth / 1e9);
}

std::string group_table(const std::string& title, const std::vector<ProfileGroup>& groups,
                        double total) {
  std::size_t width = title.size();
  for (const ProfileGroup& group : groups) width = std::max(width, group.name.size());
  std::string text = fmt::format("\n{:<{}} {:>5} {}\n", title, width, "calls", columns());
  for (const ProfileGroup& group : groups) {
    text += fmt::format("{:<{}} {:>5} {}\n", group.name, width, group.calls,
                        cells(row_of(group), total));
  }
  return text;
}

Json as_json(const Row& row) {
  return {{"ms", row.seconds * 1e3}, {"flops", row.flops},
          {"bytes", row.bytes},      {"floor_ms", row.floor_seconds * 1e3},
          {"share", row.share},      {"bound", name_of(row.bound)}};
}

Json as_json(const std::vector<ProfileGroup>& groups) {
  Json list = Json::array();
  for (const ProfileGroup& group : groups) {
    Json json = {{"name", group.name}, {"calls", group.calls}};
    json.update(as_json(row_of(group)));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string profile_text(const ProfileReport& report, ProfileOrder order) {
  const std::vector<Step>& steps = report.program->steps;
  const Profile& profile = report.profile;
  const double total = profile.kernel_seconds();
  std::vector<std::size_t> sequence(steps.size());
  std::iota(sequence.begin(), sequence.end(), std::size_t{0});
  if (order == ProfileOrder::Time) {
    std::stable_sort(sequence.begin(), sequence.end(), [&](std::size_t a, std::size_t b) {
      return profile.steps[a].seconds > profile.steps[b].seconds;
    });
  }
  std::string text = head_line(report) + "\n\n";
  std::size_t width = 0;
  for (const Step& step : steps) width = std::max(width, step.name().size());
  text += fmt::format("{:>4} {:<{}} {} {}\n", "step", "kernel", width, columns(), "layer");
  for (std::size_t i : sequence) {
    text += fmt::format("{:>4} {:<{}} {} {}\n", i, steps[i].name(), width,
                        cells(row_of(steps[i], profile.steps[i]), total), layer_of(steps[i]));
  }
  text += group_table("kernel", group_steps(*report.program, profile, kernel_of), total);
  text += group_table("layer", group_steps(*report.program, profile, layer_of), total);
  return text + "\n" + sum_line(report) + "\n";
}

std::string profile_markdown(const ProfileReport& report) {
  const double total = report.profile.kernel_seconds();
  std::string text = head_line(report) + ".\n\n";
  text += "| kernel and operands | calls | ms | time | GFLOP/s | floor ms | share | bound |\n";
  text += "|---|--:|--:|--:|--:|--:|--:|---|\n";
  for (const ProfileGroup& group : group_steps(*report.program, report.profile, call_of)) {
    text += fmt::format("| {} | {} | {:.4f} | {:.1f} % | {:.1f} | {:.4f} | {:.0f} % | {} |\n",
                        group.name, group.calls, group.seconds * 1e3, 100 * group.seconds / total,
                        group.seconds > 0 ? group.flops / group.seconds / 1e9 : 0,
                        group.floor_seconds * 1e3, 100 * group.share(), name_of(group.bound()));
  }
  return text + "\n" + sum_line(report) + ".\n";
}

Json profile_json(const ProfileReport& report) {
  const Profile& p = report.profile;
  Json json = {{"name", report.name},
               {"mode", report.mode},
               {"threads", report.threads},
               {"fma_gflops", report.peak.fma_flops / 1e9},
               {"bandwidth_gb_s", report.peak.bandwidth / 1e9},
               {"ms", p.seconds * 1e3},
               {"kernels_ms", p.kernel_seconds() * 1e3},
               {"gaps_ms", p.gap_seconds * 1e3},
               {"floor_ms", p.floor_seconds() * 1e3},
               {"flops", report.program->flops()},
               {"steps", Json::array()}};
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    const Step& step = report.program->steps[i];
    Json entry = {{"step", i},
                  {"kernel", step.name()},
                  {"layer", step.scope},
                  {"operands", runtime::describe_operands(step)}};
    entry.update(as_json(row_of(step, p.steps[i])));
    json["steps"].push_back(std::move(entry));
  }
  json["by_kernel"] = as_json(group_steps(*report.program, p, kernel_of));
  json["by_layer"] = as_json(group_steps(*report.program, p, layer_of));
  return json;
}

}  // namespace sinew::cli
