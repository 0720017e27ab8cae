namespace IlgpuSpp.Ops;

internal static class PyramidCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (levels, rule, n, h, w, c) in ((int[], PyramidRule, int, int, int, int)[])
        [
            ([1], PyramidRule.Adaptive, 1, 1, 1, 1),
            ([1, 2, 4], PyramidRule.Adaptive, 2, 6, 5, 3),
            ([6, 3, 2, 1], PyramidRule.Adaptive, 1, 13, 10, 33),
            ([3, 5], PyramidRule.Adaptive, 1, 4, 9, 2),
            ([2, 9], PyramidRule.Adaptive, 1, 7, 8, 3),
            ([4, 2, 1], PyramidRule.SlidingWindow, 1, 9, 8, 2),
            ([6, 3, 2, 1], PyramidRule.ReleasedZf5, 1, 13, 13, 2),
        ])
        {
            var pyramid = new Pyramid(levels, rule);
            foreach (OpCase x in Whole(pyramid, n, h, w, c, ties: false, reference: true)) yield return x;
            yield return Whole(pyramid, n, h, w, c, ties: true, reference: true).First();
        }
        int[] windows = [0, 0, 0, 7, 9, 1, 2, 3, 3, 4, 1, 1, 0, 6, 5, 0, 5, 2, 7, 9, 1, 2, 3, 3, 4];
        foreach (OpCase x in Windows(new Pyramid([1, 2, 3]), 2, 7, 9, 3, windows, reference: true)) yield return x;
    }

    /// <summary>The pyramid of ZF-5 over its maps at 224 and 180 pixels, and 256 windows.</summary>
    public static IEnumerable<OpCase> Real()
    {
        var pyramid = new Pyramid([6, 3, 2, 1]);
        foreach (OpCase x in Whole(pyramid, 16, 13, 13, 256, ties: false, reference: false)) yield return x;
        foreach (OpCase x in Whole(pyramid, 16, 10, 10, 256, ties: false, reference: false)) yield return x;
        var random = new RandomStream(new RandomKey(3, 3, 3));
        var windows = new int[5 * 256];
        for (int i = 0; i < windows.Length; i += 5)
        {
            int top = random.NextInt(30), left = random.NextInt(40);
            int[] row = [random.NextInt(2), top, left, top + 1 + random.NextInt(37 - top), left + 1 + random.NextInt(50 - left)];
            row.CopyTo(windows, i);
        }
        foreach (OpCase x in Windows(pyramid, 2, 38, 50, 64, windows, reference: false)) yield return x;
    }

    private static IEnumerable<OpCase> Whole(Pyramid pyramid, int n, int h, int w, int c, bool ties, bool reference)
    {
        float[] x = ties ? TestValues.Whole((long)n * h * w * c, 51, 4) : TestValues.Uniform((long)n * h * w * c, 52);
        int length = pyramid.Bins * c;
        float[] dy = TestValues.Uniform((long)n * length, 53);
        string size = $"{pyramid} {pyramid.Rule} {n}x{h}x{w}x{c}{(ties ? " ties" : "")}";
        yield return new($"PyramidForward {size}", 0, t =>
        {
            Tensor y = t.Room(n, length);
            Tensor<int> at = t.IndexRoom(n, length);
            t.Backend.PyramidForward(t.Put(x, n, h, w, c), y, at, pyramid);
            return [y.ToArray(), at.ToArray().ToFloat()];
        }, !reference ? null : () =>
        {
            var (value, winner) = ReferencePyramid.Pool(x.ToDouble(), new Shape(n, h, w, c), pyramid);
            return [value, winner.ToDouble()];
        });
        yield return new($"PyramidBackward {size}", 2e-6, t =>
        {
            Tensor y = t.Room(n, length), dx = t.Room(n, h, w, c);
            Tensor<int> at = t.IndexRoom(n, length);
            t.Backend.PyramidForward(t.Put(x, n, h, w, c), y, at, pyramid);
            t.Backend.PyramidBackward(t.Put(dy, n, length), at, dx, pyramid);
            return [dx.ToArray()];
        }, !reference ? null : () => [FiniteDifferences.Gradient(v => ReferencePyramid.Pool(v, new Shape(n, h, w, c), pyramid).Y, x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
    }

    private static IEnumerable<OpCase> Windows(Pyramid pyramid, int n, int h, int w, int c, int[] windows, bool reference)
    {
        int count = windows.Length / 5, length = pyramid.Bins * c;
        float[] x = TestValues.Uniform((long)n * h * w * c, 54), dy = TestValues.Uniform((long)count * length, 55);
        string size = $"{pyramid} {count} windows of {n}x{h}x{w}x{c}";
        yield return new($"WindowPyramidForward {size}", 0, t =>
        {
            Tensor y = t.Room(count, length);
            Tensor<int> at = t.IndexRoom(count, length);
            t.Backend.WindowPyramidForward(t.Put(x, n, h, w, c), t.Put(windows, count, 5), y, at, pyramid);
            return [y.ToArray(), at.ToArray().ToFloat()];
        }, !reference ? null : () =>
        {
            var (value, winner) = ReferencePyramid.PoolWindows(x.ToDouble(), new Shape(n, h, w, c), windows, pyramid);
            return [value, winner.ToDouble()];
        });
        yield return new($"WindowPyramidBackward {size}", 4e-6, t =>
        {
            Tensor y = t.Room(count, length), dx = t.Room(n, h, w, c);
            Tensor<int> at = t.IndexRoom(count, length), rows = t.Put(windows, count, 5);
            t.Backend.WindowPyramidForward(t.Put(x, n, h, w, c), rows, y, at, pyramid);
            t.Backend.WindowPyramidBackward(t.Put(dy, count, length), rows, at, dx, pyramid);
            return [dx.ToArray()];
        }, !reference ? null : () => [FiniteDifferences.Gradient(v => ReferencePyramid.PoolWindows(v, new Shape(n, h, w, c), windows, pyramid).Y, x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
    }
}
