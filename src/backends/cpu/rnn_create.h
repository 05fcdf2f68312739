#pragma once

#include <memory>
#include <string>

#include "backends/cpu/registry.h"
#include "backends/cpu/rnn_cells.h"

/// A recurrent kernel, forward or backward, is a template over the element type and the cell; what
/// makes one for a request is the same for both directions.
namespace sinew::cpu {

template <template <typename, typename> class RnnKernel>
std::unique_ptr<Kernel> create_lstm(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64)
    return std::make_unique<RnnKernel<double, LstmCell<double>>>(r, LstmCell<double>());
  return std::make_unique<RnnKernel<float, LstmCell<float>>>(r, LstmCell<float>());
}

template <template <typename, typename> class RnnKernel>
std::unique_ptr<Kernel> create_simple_rnn(const KernelRequest& r) {
  const auto& activation = r.attributes.get<std::string>("activation");
  if (r.outputs[0].dtype == DType::Float64) {
    return std::make_unique<RnnKernel<double, SimpleCell<double>>>(r,
                                                                   SimpleCell<double>(activation));
  }
  return std::make_unique<RnnKernel<float, SimpleCell<float>>>(r, SimpleCell<float>(activation));
}

/// Whatever the cell computes, its kernels want their weights laid out alike.
template <template <typename, typename> class RnnKernel>
std::vector<std::string> lstm_layouts(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return RnnKernel<double, LstmCell<double>>::layouts(r);
  return RnnKernel<float, LstmCell<float>>::layouts(r);
}

template <template <typename, typename> class RnnKernel>
std::vector<std::string> simple_rnn_layouts(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64)
    return RnnKernel<double, SimpleCell<double>>::layouts(r);
  return RnnKernel<float, SimpleCell<float>>::layouts(r);
}

}  // namespace sinew::cpu
