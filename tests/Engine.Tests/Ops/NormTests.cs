namespace IlgpuSpp.Engine.Tests;

public sealed class NormTests
{
    public static readonly (Shape Map, LrnGeometry Geometry)[] LrnCases =
    [
        (new Shape(1, 1, 1, 1), new LrnGeometry(LrnRegion.WithinChannel, 3, 5e-5f, 0.75f)),
        (new Shape(2, 5, 4, 3), new LrnGeometry(LrnRegion.WithinChannel, 3, 2f, 0.75f)),
        (new Shape(1, 11, 3, 17), new LrnGeometry(LrnRegion.WithinChannel, 5, 1f, 0.75f, 2)),
        (new Shape(1, 3, 9, 5), new LrnGeometry(LrnRegion.WithinChannel, 3, 0.5f, 0.6f)),
        (new Shape(1, 2, 2, 33), new LrnGeometry(LrnRegion.WithinChannel, 7, 3f, 1f)),
        (new Shape(1, 1, 1, 1), new LrnGeometry(LrnRegion.AcrossChannels, 5, 1e-4f, 0.75f)),
        (new Shape(2, 3, 3, 19), new LrnGeometry(LrnRegion.AcrossChannels, 5, 1f, 0.75f)),
        (new Shape(1, 9, 9, 3), new LrnGeometry(LrnRegion.AcrossChannels, 5, 2f, 0.5f, 2)),
        (new Shape(1, 2, 3, 40), new LrnGeometry(LrnRegion.AcrossChannels, 3, 1f, 0.75f)),
    ];

    public static TheoryData<string, int> LrnRuns => TestDevices.Each(LrnCases.Length);

    [Theory, MemberData(nameof(LrnRuns))]
    public void Lrn_matches_the_reference_and_finite_differences(string device, int index)
    {
        var (map, geometry) = LrnCases[index];
        float[] x = TestValues.Uniform(map.Count, 40, -3, 3), dy = TestValues.Uniform(map.Count, 41);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(map, x), ty = backend.Unwritten(map), alone = backend.Unwritten(map), scale = backend.Unwritten(map);
        using Tensor tdy = backend.Tensor(map, dy), tdx = backend.Unwritten(map);
        backend.LrnForward(tx, ty, scale, geometry);
        backend.LrnForward(tx, alone, null, geometry);
        backend.LrnBackward(tx, ty, scale, tdy, tdx, geometry);
        var (y, s) = ReferenceNorm.Lrn(x.ToDouble(), map, geometry);
        Expect.Close(s, scale.ToArray(), 1e-6);
        Expect.Close(y, ty.ToArray(), 2e-6, 1e-3);
        Assert.Equal(ty.ToArray(), alone.ToArray());
        Expect.Close(FiniteDifferences.Gradient(v => ReferenceNorm.Lrn(v, map, geometry).Y, x.ToDouble(), dy.ToDouble()), tdx.ToArray(), 3e-6);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Within_channel_the_divisor_is_nine_at_borders_too(string device)
    {
        var map = new Shape(1, 3, 3, 1);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor x = backend.Tensor(map, [1, 1, 1, 1, 1, 1, 1, 1, 1]), y = backend.Unwritten(map), s = backend.Unwritten(map);
        backend.LrnForward(x, y, s, new LrnGeometry(LrnRegion.WithinChannel, 3, 9, 0.75f));
        // 1 + (9/9)·(elements of the window on the map).
        Assert.Equal([5, 7, 5, 7, 10, 7, 5, 7, 5], s.ToArray());
    }

    public static readonly Shape[] BatchNormCases =
        [new Shape(2, 3), new Shape(33, 1), new Shape(2, 3, 4, 5), new Shape(3, 7, 5, 35), new Shape(4, 1, 1, 130), new Shape(700, 6)];

    public static TheoryData<string, int> BatchNormRuns => TestDevices.Each(BatchNormCases.Length);

    [Theory, MemberData(nameof(BatchNormRuns))]
    public void Batch_normalisation_matches_the_reference(string device, int index)
    {
        Shape shape = BatchNormCases[index];
        int channels = shape.Channels, rows = (int)(shape.Count / channels);
        const float epsilon = 1e-5f, momentum = 0.1f;
        float[] x = TestValues.Uniform(shape.Count, 50, 2, 5), gamma = TestValues.Uniform(channels, 51, 0.5f, 2), beta = TestValues.Uniform(channels, 52);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), ty = backend.Unwritten(shape);
        using Tensor tg = backend.Tensor(new Shape(channels), gamma), tb = backend.Tensor(new Shape(channels), beta);
        using Tensor mean = backend.Unwritten(tg.Shape), invStd = backend.Unwritten(tg.Shape), runningMean = backend.Allocate(tg.Shape), runningVariance = backend.Allocate(tg.Shape);
        backend.Fill(runningMean, 0.5f);
        backend.Fill(runningVariance, 1);
        backend.BatchNormForwardTraining(tx, tg, tb, ty, mean, invStd, runningMean, runningVariance, momentum, epsilon);

        var (y, m, v) = ReferenceNorm.BatchNorm(x.ToDouble(), channels, gamma.ToDouble(), beta.ToDouble(), epsilon);
        Expect.Close(y, ty.ToArray(), 5e-6);
        Expect.Close(m, mean.ToArray(), 3e-7);
        Expect.Close(Array.ConvertAll(v, e => 1 / Math.Sqrt(e + epsilon)), invStd.ToArray(), 2e-6);
        Expect.Close(Array.ConvertAll(m, e => 0.9 * 0.5 + 0.1 * e), runningMean.ToArray(), 1e-6);
        Expect.Close(Array.ConvertAll(v, e => 0.9 + 0.1 * e * rows / (rows - 1)), runningVariance.ToArray(), 1e-6);

        backend.BatchNormForwardInference(tx, tg, tb, ty, runningMean, runningVariance, epsilon);
        float[] rm = runningMean.ToArray(), rv = runningVariance.ToArray();
        var inference = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels;
            inference[i] = gamma[c] * ((double)x[i] - rm[c]) / Math.Sqrt((double)rv[c] + epsilon) + beta[c];
        }
        Expect.Close(inference, ty.ToArray(), 2e-6);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Batch_normalisation_gradients_match_finite_differences_and_are_added(string device)
    {
        var shape = new Shape(3, 2, 3, 19);
        int channels = shape.Channels;
        const float epsilon = 1e-3f;
        float[] x = TestValues.Uniform(shape.Count, 53, -2, 2), gamma = TestValues.Uniform(channels, 54, 0.5f, 2), beta = TestValues.Uniform(channels, 55), dy = TestValues.Uniform(shape.Count, 56);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), ty = backend.Unwritten(shape), tdy = backend.Tensor(shape, dy), tdx = backend.Unwritten(shape);
        using Tensor tg = backend.Tensor(new Shape(channels), gamma), tb = backend.Tensor(new Shape(channels), beta);
        using Tensor mean = backend.Unwritten(tg.Shape), invStd = backend.Unwritten(tg.Shape), runningMean = backend.Allocate(tg.Shape), runningVariance = backend.Allocate(tg.Shape);
        using Tensor dGamma = backend.Allocate(tg.Shape), dBeta = backend.Allocate(tg.Shape);
        backend.Fill(dGamma, 10);
        backend.Fill(dBeta, -10);
        backend.BatchNormForwardTraining(tx, tg, tb, ty, mean, invStd, runningMean, runningVariance, 0.1f, epsilon);
        backend.BatchNormBackward(tx, tg, mean, invStd, tdy, tdx, dGamma, dBeta);

        double[] Forward(double[] values, double[] g, double[] b) => ReferenceNorm.BatchNorm(values, channels, g, b, epsilon).Y;
        double[] dx = FiniteDifferences.Gradient(v => Forward(v, gamma.ToDouble(), beta.ToDouble()), x.ToDouble(), dy.ToDouble());
        double[] dg = FiniteDifferences.Gradient(v => Forward(x.ToDouble(), v, beta.ToDouble()), gamma.ToDouble(), dy.ToDouble());
        double[] db = FiniteDifferences.Gradient(v => Forward(x.ToDouble(), gamma.ToDouble(), v), beta.ToDouble(), dy.ToDouble());
        Expect.Close(dx, tdx.ToArray(), 3e-6);
        Expect.Close(Array.ConvertAll(dg, e => e + 10), dGamma.ToArray(), 2e-6);
        Expect.Close(Array.ConvertAll(db, e => e - 10), dBeta.ToArray(), 2e-6);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Batch_statistics_survive_a_large_mean(string device)
    {
        // 10⁴ ± 1: a plain float sum over 40000 rows would lose the variance.
        var shape = new Shape(40000, 3);
        float[] x = TestValues.Uniform(shape.Count, 57, 9999, 10001);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), ty = backend.Unwritten(shape), one = backend.Allocate(new Shape(3)), zero = backend.Allocate(new Shape(3));
        using Tensor mean = backend.Allocate(new Shape(3)), invStd = backend.Allocate(new Shape(3)), rm = backend.Allocate(new Shape(3)), rv = backend.Allocate(new Shape(3));
        backend.Fill(one, 1);
        backend.Fill(zero, 0);
        backend.BatchNormForwardTraining(tx, one, zero, ty, mean, invStd, rm, rv, 0.1f, 1e-5f);
        var (_, m, v) = ReferenceNorm.BatchNorm(x.ToDouble(), 3, [1, 1, 1], [0, 0, 0], 1e-5);
        Expect.Close(m, mean.ToArray(), 1e-7);
        Expect.Close(Array.ConvertAll(v, e => 1 / Math.Sqrt(e + 1e-5)), invStd.ToArray(), 1e-5);
    }
}
