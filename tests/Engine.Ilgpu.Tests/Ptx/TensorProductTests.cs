using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime;
using ILGPU;
using IlgpuSpp.Ops;
using IlgpuSpp.Reference;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>
/// The PTX of the tensor-core products, executed by an interpreter: no machine without a card can run them otherwise. Each
/// product is computed on the simulator in 32-bit floats, then its very arguments are given to the tensor-core kernel.
/// </summary>
[Collection("devices")]
public sealed class TensorProductTests
{
    public static TheoryData<string, bool> Products { get; } = All();

    [Theory, MemberData(nameof(Products))]
    public void ATensorProductEqualsTheProductInFloats(string product, bool bf16)
    {
        // Inputs that both formats represent exactly: only the order of the sums may differ.
        CheckAll(product, bf16 ? typeof(Bf16) : typeof(Tf32), RoundToBf16, tolerance: 2e-6, atLeast: 0);
    }

    [Theory]
    [InlineData(false, 2e-3, 1e-5)]
    [InlineData(true, 1e-2, 1e-4)]
    public void FactorsAreRoundedToTheFormat(bool bf16, double tolerance, double atLeast) =>
        CheckAll("NN", bf16 ? typeof(Bf16) : typeof(Tf32), value => value, tolerance, atLeast);

    private static void CheckAll(string product, Type precision, Func<float, float> round, double tolerance, double atLeast)
    {
        using var backend = (IlgpuBackend)Device.Open("ilgpu-cpu");
        using var bench = new Bench(backend);
        Tensor Put(uint stream, params int[] extents) => bench.Put([.. TestValues.Uniform(extents.Aggregate(1L, (a, b) => a * b), stream).Select(round)], extents);
        var calls = new List<ProductCall>();
        backend.ProductLaunched = calls.Add;
        if (product.StartsWith("conv", StringComparison.Ordinal))
        {
            var (n, h, inputs, outputs, kernel, stride, pad, groups) = product switch
            {
                "conv" => (1, 9, 8, 40, 3, 1, 1, 1),
                "conv odd groups" => (1, 11, 6, 10, 5, 2, 1, 2),
                "conv stride" => (1, 12, 4, 12, 5, 2, 0, 1),
                _ => (2, 6, 12, 16, 3, 1, 1, 2),
            };
            ConvGeometry g = ConvGeometry.Square(kernel, stride, pad, groups);
            int oh = ShapeRules.ConvExtent(h, kernel, stride, pad, pad);
            Tensor x = Put(1, n, h, h, inputs), w = Put(2, kernel, kernel, inputs / groups, outputs), bias = Put(3, outputs), dy = Put(4, n, oh, oh, outputs);
            Compare(() => bench.Room(n, oh, oh, outputs), y => backend.ConvForward(x, w, bias, y, g, Activation.Relu));
            Compare(() => bench.Room(n, h, h, inputs), dx => backend.ConvBackwardInput(dy, w, dx, g));
            Compare(() => Put(5, kernel, kernel, inputs / groups, outputs), dw => backend.ConvBackwardParameters(x, dy, dw, null, g));
            return;
        }
        var (m, columns, k) = product.EndsWith("aligned", StringComparison.Ordinal) ? (132, 64, 48) : (70, 45, 37);
        bool ta = product[0] == 'T', tb = product[1] == 'T';
        Tensor a = ta ? Put(6, k, m) : Put(6, m, k), b = tb ? Put(7, columns, k) : Put(7, k, columns);
        Compare(() => Put(8, m, columns), c => backend.Gemm(ta, tb, 0.5f, a, b, 2, c));

        void Compare(Func<Tensor> output, Action<Tensor> run)
        {
            calls.Clear();
            Tensor result = output();
            float[] before = result.ToArray();
            run(result);
            float[] expected = result.ToArray();
            result.Upload(before);
            Interpret(Assert.Single(calls), precision);
            float[] actual = result.ToArray();
            double largest = expected.Max(Math.Abs), worst = expected.Zip(actual, (e, v) => (double)Math.Abs(e - v)).Max() / largest;
            Assert.DoesNotContain(actual, float.IsNaN);
            Assert.InRange(worst, atLeast, tolerance);
        }
    }

    private static void Interpret(ProductCall call, Type precision)
    {
        using Context context = Context.Create(builder => builder.CPU().Optimize(OptimizationLevel.O2));
        using var compiler = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);
        var method = typeof(TensorProductKernel).GetMethod(nameof(TensorProductKernel.Multiply))!.MakeGenericMethod(precision, call.A.GetType(), call.B.GetType(), call.Store.GetType());
        var kernel = (PTXCompiledKernel)compiler.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), new KernelSpecialization(256, 2));
        KernelLoader.Mend(kernel);
        var program = new PtxProgram(kernel.PTXAssembly);
        // The call's sources were made for the steps of the simulator's tiles.
        foreach (object source in (object[])[call.A, call.B]) source.GetType().GetMethod("SetStep")!.Invoke(source, [TensorProductKernel.Depth]);
        var arguments = new KernelArguments();
        foreach (object argument in (object[])[call.A, call.B, call.Store, call.Extent with { SplitDepth = (call.Extent.Depth + 15) / 16 * 16 }]) arguments.Add(argument);
        Assert.Equal(program.ParameterBytes, arguments.Bytes.Length);
        var group = new PtxGroup(program, arguments.Bytes, arguments.Memory);
        for (int z = 0; z < call.Parts; z++)
            for (int y = 0; y < (call.Extent.Columns + 127) / 128; y++)
                for (int x = 0; x < (call.Extent.Rows + 127) / 128; x++)
                    group.Run(256, x, y, z);
    }

    private static TheoryData<string, bool> All()
    {
        var all = new TheoryData<string, bool>();
        foreach (string product in (string[])["NN", "NT", "TN", "TT", "NN aligned", "TT aligned", "conv", "conv odd groups", "conv stride", "conv groups"])
        {
            all.Add(product, false);
            all.Add(product, true);
        }
        return all;
    }

    private static float RoundToBf16(float value) => PtxArithmetic.Float(PtxArithmetic.Bf16((uint)PtxArithmetic.Bits(value)) << 16);
}
