using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// The tensor-core product is PTX text that no compiler checks against the rest of the kernel. When a card that has tensor
/// cores is opened, one product is computed both ways and compared: with the precision left to the backend a card that fails
/// falls back to 32-bit floats, with tf32 or bf16 asked for it is an error.
/// </remarks>
public sealed partial class IlgpuBackend
{
    private const int SmallestTensorSide = 32;

    private ProductForm? _tensorForm;

    /// <summary>The format in which products multiply.</summary>
    public Precision Precision => _tensorForm switch { ProductForm.Tf32 => Precision.Tf32, ProductForm.Bf16 => Precision.Bf16, _ => Precision.Fp32 };

    private bool TensorCores => _accelerator.Device is ILGPU.Runtime.Cuda.CudaDevice { Architecture.Major: >= 8 };

    private void ChooseProductForm(Precision asked)
    {
        if (!TensorCores || asked == Precision.Fp32) return;
        ProductForm form = asked == Precision.Bf16 ? ProductForm.Bf16 : ProductForm.Tf32;
        double error = TensorCoreError(form);
        // Sums of 72 products below 1: rounding a factor to 10 or 7 bits moves a sum by about √72·2⁻¹¹ or √72·2⁻⁸.
        double allowed = form == ProductForm.Tf32 ? 0.02 : 0.15;
        if (error <= allowed) _tensorForm = form;
        else if (asked != Precision.Auto)
            throw new DeviceException(Device.Name, $"its tensor cores give a product that is off by {error:G3}, more than the {allowed} that rounding explains; use precision fp32.");
    }

    // The largest difference between a product on tensor cores and one in 32-bit floats.
    private double TensorCoreError(ProductForm form)
    {
        const int side = 160, depth = 72;
        using var scope = Enter();
        using Tensor a = Allocate(new Shape(side, depth)), b = Allocate(new Shape(depth, side));
        using Tensor exact = Allocate(new Shape(side, side)), rounded = Allocate(new Shape(side, side));
        RunFillUniform(a, -1, 1, new RandomKey(1, 1, 1));
        RunFillUniform(b, -1, 1, new RandomKey(1, 2, 1));
        Launch("the proof of tensor cores", LargestTile == 128 ? ProductForm.Tile128 : ProductForm.Tile64, Depthwise(a, side, depth).Along<Quads>(), Outerwise(b, side).Across<Quads>(), StoreTo(exact, side, side), side, side, depth, 1, 1);
        Launch("the proof of tensor cores", form, Depthwise(a, side, depth).Along<Quads>(), Outerwise(b, side).Across<Quads>(), StoreTo(rounded, side, side), side, side, depth, 1, 1);
        return exact.ToArray().Zip(rounded.ToArray(), (e, r) => (double)Math.Abs(e - r)).Max();
    }
}
