#pragma once

#include <string>

#include "backends/cpu/onednn.h"
#include "backends/cpu/rows_gemm.h"
#include "sinew/base/error.h"

namespace sinew::cpu {

/// A matrix (inner, columns) that the products of a recurrent layer read in panels: as it is where
/// the layout pass has laid it out so, else packed into scratch memory at each run.
template <typename T>
class RnnWeights {
 public:
  RnnWeights() = default;
  /// `transposed` where the operand is (columns, inner); `given` is its layout.
  RnnWeights(std::int64_t inner, std::int64_t columns, bool transposed, const std::string& given)
      : inner_(inner), columns_(columns), transposed_(transposed), given_(!given.empty()) {
    if (given_ && given != layout(inner, columns, transposed))
      throw InternalError("a recurrent layer cannot read its weights in layout '" + given + "'");
  }
  static std::string layout(std::int64_t inner, std::int64_t columns, bool transposed) {
    return packed_layout<T>(inner, columns, transposed)
        .name_for(DTypeOf<T>::value, transposed ? Shape{columns, inner} : Shape{inner, columns});
  }
  std::size_t bytes() const {
    return given_ ? 0 : onednn::aligned(packed_size<T>(inner_, columns_) * sizeof(T));
  }
  /// By the team.
  const T* pack(const T* operand, void* scratch) const {
    if (given_ || inner_ == 0) return operand;
    T* packed = static_cast<T*>(scratch);
    if (transposed_) {
      pack_by_team(operand, inner_, columns_, 1, inner_, packed);
    } else {
      pack_by_team(operand, inner_, columns_, columns_, 1, packed);
    }
    return packed;
  }

 private:
  std::int64_t inner_ = 0, columns_ = 0;
  bool transposed_ = false, given_ = false;
};

}  // namespace sinew::cpu
