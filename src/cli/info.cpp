#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/command.h"
#include "sinew/base/parallel.h"
#include "sinew/runtime/machine.h"

namespace sinew::cli {

void add_info(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "info", "Print the machine, instruction sets, libraries and measured peaks");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([json, &chosen] {
    chosen = [json] {
      const MachineInfo info = machine_info();
      const MachinePeak peak = measure_machine();
      if (*json) {
        print_json({{"version", SINEW_VERSION},
                    {"processor", info.processor},
                    {"cores", info.cores},
                    {"threads", num_threads()},
                    {"target", info.target},
                    {"targets", info.targets},
                    {"bfloat16", info.bfloat16},
                    {"libraries", info.libraries},
                    {"tuning", tuning_info()},
                    {"fma_gflops", peak.fma_flops / 1e9},
                    {"bandwidth_gb_s", peak.bandwidth / 1e9}});
        return;
      }
      fmt::print("sinew            {}\nprocessor        {}\ncores            {} ({} threads)\n",
                 SINEW_VERSION, info.processor, info.cores, num_threads());
      fmt::print("instruction set  {} (compiled: {}), {} bfloat16 products\nlibraries        {}\n",
                 info.target, fmt::join(info.targets, ", "), info.bfloat16 ? "with" : "without",
                 fmt::join(info.libraries, ", "));
      fmt::print("tuning           {}\n", tuning_info());
      fmt::print("FMA peak         {:.0f} GFLOP/s float32\nmemory bandwidth {:.1f} GB/s (triad)\n",
                 peak.fma_flops / 1e9, peak.bandwidth / 1e9);
    };
  });
}

}  // namespace sinew::cli
