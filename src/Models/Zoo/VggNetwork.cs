using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>
/// VGG-16 (Simonyan and Zisserman, configuration D) with the last pooling replaced by a pyramid, or as published
/// where no pyramid is asked for (224x224 only).
/// </summary>
internal static class VggNetwork
{
    private static readonly int[][] Blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    public static Layer Build(ModelOptions options)
    {
        var builder = new NetworkBuilder();
        for (int block = 0; block < Blocks.Length; block++)
        {
            for (int i = 0; i < Blocks[block].Length; i++)
                builder.Conv($"conv{block + 1}_{i + 1}", Blocks[block][i], 3, pad: 1);
            if (block < Blocks.Length - 1) builder.MaxPool($"pool{block + 1}", 2, 2, PoolRounding.Floor);
        }
        return builder
            .PyramidOrGrid(options, 7, 2, 2)
            .Hidden("fc6", 4096, options.Dropout ?? 0.5f)
            .Hidden("fc7", 4096, options.Dropout ?? 0.5f)
            .Scores("fc8", options.Classes);
    }
}
