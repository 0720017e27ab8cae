namespace IlgpuSpp.Engine.Tests;

public sealed class PoolTests
{
    public static readonly (Shape Map, PoolGeometry Geometry)[] Cases =
    [
        (new Shape(1, 1, 1, 1), PoolGeometry.Square(1, 1)),
        (new Shape(2, 1, 1, 5), PoolGeometry.Square(3, 2, 1)),
        (new Shape(1, 7, 5, 3), PoolGeometry.Square(3, 2)),
        (new Shape(2, 8, 9, 17), PoolGeometry.Square(3, 2, 0, PoolRounding.Ceil)),
        (new Shape(1, 6, 6, 33), PoolGeometry.Square(2, 2)),
        (new Shape(1, 9, 11, 4), PoolGeometry.Square(3, 1, 1)),
        (new Shape(1, 10, 7, 2), PoolGeometry.Square(3, 3, 1, PoolRounding.Ceil)),
        (new Shape(1, 5, 5, 2), PoolGeometry.Square(1, 3, 0, PoolRounding.Ceil)),
        (new Shape(1, 2, 3, 2), PoolGeometry.Square(4, 2, 0, PoolRounding.Ceil)),
        (new Shape(3, 13, 13, 8), PoolGeometry.Square(13, 13)),
        (new Shape(1, 6, 10, 3), new PoolGeometry(2, 5, 3, 1, 1, 2, PoolRounding.Floor)),
        (new Shape(2, 8, 7, 5), PoolGeometry.Square(3, 2, 1) with { PadBottom = 0, PadRight = 0 }),
        (new Shape(1, 9, 6, 3), PoolGeometry.Square(4, 3, 0, PoolRounding.Ceil) with { PadBottom = 1, PadRight = 3 }),
    ];

    public static TheoryData<string, int> Runs => TestDevices.Each(Cases.Length);

    [Theory, MemberData(nameof(Runs))]
    public void Max_matches_the_reference_and_its_gradient_finite_differences(string device, int index)
    {
        var (map, geometry) = Cases[index];
        using var run = new MaxPass(device, map, ShapeRules.Pool(map, geometry), seed: 1);
        run.Compute(
            (x, y, argmax) => run.Backend.MaxPoolForward(x, y, argmax, geometry),
            (dy, argmax, dx) => run.Backend.MaxPoolBackward(dy, argmax, dx, geometry));
        run.AssertIs(x => ReferencePool.Max(x, map, geometry), 1e-6);
    }

    [Theory, MemberData(nameof(Runs))]
    public void Average_matches_the_reference_and_its_gradient_finite_differences(string device, int index)
    {
        var (map, geometry) = Cases[index];
        Shape output = ShapeRules.Pool(map, geometry);
        float[] x = TestValues.Uniform(map.Count, 3), dy = TestValues.Uniform(output.Count, 4);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), tdy = backend.Tensor(output, dy);
        foreach (AveragePoolDivisor divisor in Enum.GetValues<AveragePoolDivisor>())
        {
            using Tensor ty = backend.Unwritten(output), tdx = backend.Unwritten(map);
            backend.AveragePoolForward(tx, ty, geometry, divisor);
            backend.AveragePoolBackward(tdy, tdx, geometry, divisor);

            Expect.Close(ReferencePool.Average(x.ToDouble(), map, geometry, divisor), ty.ToArray(), 1e-6);
            double[] gradient = FiniteDifferences.Gradient(v => ReferencePool.Average(v, map, geometry, divisor), x.ToDouble(), dy.ToDouble());
            Expect.Close(gradient, tdx.ToArray(), 1e-6);
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Ties_go_to_the_first_element_and_overlapping_gradients_add_up(string device)
    {
        var map = new Shape(1, 5, 5, 18);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(map, new float[map.Count]), y = backend.Unwritten(new Shape(1, 2, 2, 18));
        using Tensor dy = backend.Tensor(y.Shape, Enumerable.Repeat(1f, 72).ToArray()), dx = backend.Unwritten(map);
        using Tensor<int> argmax = backend.Allocate<int>(y.Shape);
        backend.MaxPoolForward(x, y, argmax, PoolGeometry.Square(3, 2));
        backend.MaxPoolBackward(dy, argmax, dx, PoolGeometry.Square(3, 2));

        int[] places = argmax.ToArray();
        for (int c = 0; c < 18; c++) Assert.Equal([0, 2, 10, 12], new[] { places[c], places[18 + c], places[36 + c], places[54 + c] });
        float[] gradient = dx.ToArray();
        for (int pixel = 0; pixel < 25; pixel++)
            for (int c = 0; c < 18; c++)
                Assert.Equal(pixel is 0 or 2 or 10 or 12 ? 1 : 0, gradient[pixel * 18 + c]);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_shared_element_of_four_windows_gets_all_four_gradients(string device)
    {
        var map = new Shape(1, 5, 5, 20);
        var values = new float[map.Count];
        for (int c = 0; c < 20; c++) values[12 * 20 + c] = 1;
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(map, values), y = backend.Unwritten(new Shape(1, 2, 2, 20));
        using Tensor dy = backend.Tensor(y.Shape, Enumerable.Repeat(0.5f, 80).ToArray()), dx = backend.Unwritten(map);
        using Tensor<int> argmax = backend.Allocate<int>(y.Shape);
        backend.MaxPoolForward(x, y, argmax, PoolGeometry.Square(3, 2));
        backend.MaxPoolBackward(dy, argmax, dx, PoolGeometry.Square(3, 2));
        float[] gradient = dx.ToArray();
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(i / 20 == 12 ? 2 : 0, gradient[i]);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void NaN_and_infinities_come_through(string device)
    {
        var map = new Shape(1, 1, 4, 19);
        var values = new float[map.Count];
        for (int c = 0; c < 19; c++)
        {
            values[c] = float.NegativeInfinity;
            values[19 + c] = float.NegativeInfinity;
            values[38 + c] = c % 2 == 0 ? float.NaN : 3;
            values[57 + c] = float.PositiveInfinity;
        }
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(map, values), y = backend.Unwritten(new Shape(1, 1, 3, 19)), alone = backend.Unwritten(y.Shape);
        using Tensor<int> argmax = backend.Allocate<int>(y.Shape);
        var geometry = new PoolGeometry(1, 2, 1, 1, 0, 0, PoolRounding.Floor);
        backend.MaxPoolForward(x, y, argmax, geometry);
        backend.MaxPoolForward(x, alone, null, geometry);
        float[] result = y.ToArray();
        int[] places = argmax.ToArray();
        Assert.Equal(result, alone.ToArray());
        for (int c = 0; c < 19; c++)
        {
            bool nan = c % 2 == 0;
            Assert.Equal(float.NegativeInfinity, result[c]);
            Assert.Equal(0, places[c]);
            Assert.Equal(nan ? float.NaN : 3, result[19 + c]);
            Assert.Equal(2, places[19 + c]);
            Assert.Equal(nan ? float.NaN : float.PositiveInfinity, result[38 + c]);
            Assert.Equal(nan ? 2 : 3, places[38 + c]);
        }
    }

    [Fact]
    public void A_tensor_of_another_backend_is_refused()
    {
        using CpuBackend backend = TestDevices.Open("Auto"), other = TestDevices.Open("Auto");
        using Tensor foreign = other.Allocate(new Shape(1, 6, 6, 4)), y = backend.Allocate(new Shape(1, 3, 3, 4));
        Assert.Throws<DeviceException>(() => backend.MaxPoolForward(foreign, y, null, PoolGeometry.Square(2, 2)));
    }
}
