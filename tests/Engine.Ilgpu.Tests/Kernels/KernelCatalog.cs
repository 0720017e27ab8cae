using System.Reflection;
using ILGPU;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>Every kernel of the backend, found by reflection, generic ones with the arguments that the backend uses.</summary>
internal static class KernelCatalog
{
    private static readonly Type[] s_tiles = [typeof(Tile128), typeof(Tile64), typeof(Tile32)];

    private static readonly (string Name, Type A, Type B, Type Store)[] s_products =
    [
        ("GemmNN", typeof(DepthContiguous), typeof(OuterContiguous), typeof(MatrixStore)),
        ("GemmNT", typeof(DepthContiguous), typeof(DepthContiguous), typeof(MatrixStore)),
        ("GemmTN", typeof(OuterContiguous), typeof(OuterContiguous), typeof(MatrixStore)),
        ("GemmTT", typeof(OuterContiguous), typeof(DepthContiguous), typeof(MatrixStore)),
        ("ConvForward", typeof(PatchRows), typeof(OuterContiguous), typeof(MatrixStore)),
        ("ConvWeights", typeof(PatchColumns), typeof(OuterContiguous), typeof(MatrixStore)),
        ("ConvInput", typeof(PhaseGradientRows), typeof(PhaseWeightRows), typeof(PhaseStore)),
    ];

    public static IEnumerable<(string Name, MethodInfo Method)> All()
    {
        foreach (Type type in typeof(ProductKernel).Assembly.GetTypes())
        {
            if (type.Namespace != typeof(ProductKernel).Namespace || !type.IsAbstract || !type.IsSealed) continue;
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
                if (!method.IsGenericMethodDefinition && IsKernel(method))
                    yield return ($"{type.Name}.{method.Name}", method);
        }
        MethodInfo multiply = typeof(ProductKernel).GetMethod(nameof(ProductKernel.Multiply))!;
        foreach (Type tile in s_tiles)
            foreach (var (name, a, b, store) in s_products)
                yield return ($"{name}.{tile.Name}", multiply.MakeGenericMethod(tile, a, b, store));
        MethodInfo tensor = typeof(TensorProductKernel).GetMethod(nameof(TensorProductKernel.Multiply))!;
        foreach (Type precision in (Type[])[typeof(Tf32), typeof(Bf16)])
            foreach (var (name, a, b, store) in s_products)
                yield return ($"{name}.{precision.Name}", tensor.MakeGenericMethod(precision, a, b, store));
    }

    public static bool IsImplicit(MethodInfo method) => method.GetParameters()[0].ParameterType == typeof(Index1D);

    // Kernel classes hold kernels and nothing else that is public and returns nothing.
    private static bool IsKernel(MethodInfo method) => method.ReturnType == typeof(void) && method.GetParameters().Length > 0;
}
