using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using IlgpuSpp.Ops;
using IlgpuSpp.Reference;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>
/// The PTX of the kernels whose threads part in loops over packs of channels, executed by the interpreter, which refuses a
/// promise of uniform branches. The simulator's results, which the table of operations holds against double precision,
/// are what they must give.
/// </summary>
[Collection("devices")]
public sealed class PackKernelTests
{
    // A map with borders on every side of the windows, and two images.
    private static readonly Shape s_map = new(2, 7, 9, 8);

    private static readonly PoolGeometry s_pool = PoolGeometry.Square(3, 2, 1, PoolRounding.Ceil);

    [Theory, InlineData(true), InlineData(false)]
    public void MaxPooling(bool four)
    {
        using var run = new Run(four);
        Shape pooled = ShapeRules.Pool(s_map, s_pool);
        Tensor x = run.Values(1, s_map), y = run.Room(pooled), dy = run.Values(2, pooled), dx = run.Room(s_map);
        Tensor<int> at = run.Bench.IndexRoom(pooled.ToArray());
        run.Backend.MaxPoolForward(x, y, at, s_pool);
        float[] winners = at.ToArray().ToFloat();
        run.Check(y, four ? PoolKernels.MaxForward<Winners4> : PoolKernels.MaxForward<Winner>, pooled,
            run.Backend.View(x), run.Backend.View(y), run.Backend.View(at), 1, IlgpuBackend.ExtentOf(s_map, pooled, s_pool, default, four));
        Assert.Equal(winners, at.ToArray().ToFloat());
        run.Backend.MaxPoolBackward(dy, at, dx, s_pool);
        run.Check(dx, four ? PoolKernels.MaxBackward<Four> : PoolKernels.MaxBackward<One>, s_map,
            run.Backend.View(dy), run.Backend.View(at), run.Backend.View(dx), IlgpuBackend.BackwardExtentOf(s_map, pooled, s_pool, default, four));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void AveragePooling(bool four)
    {
        using var run = new Run(four);
        Shape pooled = ShapeRules.Pool(s_map, s_pool);
        Tensor x = run.Values(1, s_map), y = run.Room(pooled), dy = run.Values(2, pooled), dx = run.Room(s_map);
        run.Backend.AveragePoolForward(x, y, s_pool, AveragePoolDivisor.Valid);
        run.Check(y, four ? PoolKernels.AverageForward<Four> : PoolKernels.AverageForward<One>, pooled,
            run.Backend.View(x), run.Backend.View(y), IlgpuBackend.ExtentOf(s_map, pooled, s_pool, AveragePoolDivisor.Valid, four));
        run.Backend.AveragePoolBackward(dy, dx, s_pool, AveragePoolDivisor.Valid);
        run.Check(dx, four ? PoolKernels.AverageBackward<Four> : PoolKernels.AverageBackward<One>, s_map,
            run.Backend.View(dy), run.Backend.View(dx), IlgpuBackend.BackwardExtentOf(s_map, pooled, s_pool, AveragePoolDivisor.Valid, four));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void ResponseNormalisation(bool four)
    {
        using var run = new Run(four);
        var geometry = new LrnGeometry(LrnRegion.WithinChannel, 3, 0.5f, 0.75f);
        Tensor x = run.Values(1, s_map), y = run.Room(s_map), scale = run.Room(s_map), dy = run.Values(2, s_map), dx = run.Room(s_map);
        LrnExtent extent = IlgpuBackend.ExtentOf(s_map, geometry, four);
        run.Backend.LrnForward(x, y, scale, geometry);
        run.Check(y, four ? NormKernels.LrnWithinForward<Four> : NormKernels.LrnWithinForward<One>, s_map,
            run.Backend.View(x), run.Backend.View(y), run.Backend.View(scale), 1, extent);
        run.Backend.LrnBackward(x, y, scale, dy, dx, geometry);
        run.Check(dx, four ? NormKernels.LrnWithinBackward<Four> : NormKernels.LrnWithinBackward<One>, s_map,
            run.Backend.View(x), run.Backend.View(y), run.Backend.View(scale), run.Backend.View(dy), run.Backend.View(dx), extent);
    }

    private sealed class Run(bool four) : IDisposable
    {
        public IlgpuBackend Backend { get; } = (IlgpuBackend)Device.Open("ilgpu-cpu");

        public Bench Bench => field ??= new Bench(Backend);

        public Tensor Values(uint stream, Shape shape) => Bench.Put(TestValues.Uniform(shape.Count, stream), shape);

        public Tensor Room(Shape shape) => Bench.Room(shape);

        // Runs the kernel's PTX over the output that the simulator has written, spoilt first, and compares.
        public void Check(Tensor output, Delegate kernel, Shape threads, params object[] arguments)
        {
            float[] expected = output.ToArray();
            output.Upload([.. expected.Select(_ => float.NaN)]);
            using Context context = Context.Create(builder => builder.CPU().Optimize(OptimizationLevel.O2));
            using var compiler = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);
            var compiled = (PTXCompiledKernel)compiler.Compile(EntryPointDescription.FromImplicitlyGroupedKernel(kernel.Method), default);
            KernelLoader.Mend(compiled);
            var program = new PtxProgram(compiled.PTXAssembly);
            int count = (int)threads.Count / (four ? 4 : 1);
            var laidOut = new KernelArguments();
            laidOut.Add(count);
            foreach (object argument in arguments) laidOut.Add(argument);
            Assert.Equal(program.ParameterBytes, laidOut.Bytes.Length);
            var group = new PtxGroup(program, laidOut.Bytes, laidOut.Memory);
            for (int x = 0; x < (count + 63) / 64; x++) group.Run(64, x, 0, 0);
            float[] actual = output.ToArray();
            double largest = expected.Max(Math.Abs);
            for (int i = 0; i < expected.Length; i++) Assert.InRange(Math.Abs(expected[i] - actual[i]) / largest, 0, 1e-6);
        }

        public void Dispose()
        {
            Bench.Dispose();
            Backend.Dispose();
        }
    }
}
