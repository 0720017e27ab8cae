namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Gradient of pyramid pooling. An item owns a block of channels of one image: it clears that part of dx and adds the
/// gradients of the image's windows in their order, level after level, so that sums do not depend on the threads.
/// </summary>
internal unsafe struct PyramidBackwardJob : IParallelJob
{
    /// <summary>Channels of a block: one cache line.</summary>
    public const int Block = 16;

    public float* Dy, Dx;
    public int* Argmax;
    public PyramidExtents Extents;

    /// <summary>Bins along a side, level after level; pinned by the caller.</summary>
    public int* Levels;

    public int LevelCount;
    public int Blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int image = item / Blocks, first = item % Blocks * Block, channels = Extents.Channels;
        int width = Math.Min(Block, channels - first);
        long pixels = (long)Extents.Height * Extents.Width;
        float* map = Dx + image * pixels * channels + first;
        for (long pixel = 0; pixel < pixels; pixel++) new Span<float>(map + pixel * channels, width).Clear();
        if (Extents.Windows is null)
        {
            Scatter(image, map, first, width);
            return;
        }
        for (int window = 0; window < Extents.Count; window++)
            if (Extents.Window(window).Image == image)
                Scatter(window, map, first, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Scatter(int window, float* map, int first, int width)
    {
        int channels = Extents.Channels;
        long at = (long)window * Extents.Bins * channels;
        for (int l = 0; l < LevelCount; l++)
        {
            int n2 = Levels[l] * Levels[l];
            float* gradient = Dy + at + (long)first * n2;
            int* places = Argmax + at + (long)first * n2;
            for (int c = 0; c < width; c++)
                for (int bin = 0; bin < n2; bin++)
                    map[(long)*places++ * channels + c] += *gradient++;
            at += (long)n2 * channels;
        }
    }
}
