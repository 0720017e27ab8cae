using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>An SGD step's numbers.</summary>
internal struct SgdNumbers
{
    public float LearningRate, Momentum, WeightDecay, GradientScale;
    public int Nesterov, ClearGradient;
}

/// <summary>An AdamW step's numbers; the corrections are 1 / (1 − βᵗ).</summary>
internal struct AdamWNumbers
{
    public float LearningRate, Beta1, Beta2, Epsilon, WeightDecay, GradientScale, Correction1, Correction2;
    public int ClearGradient;
}

/// <summary>All parameters in one launch: every group works on one run of one parameter.</summary>
internal static class OptimiserKernels
{
    /// <summary>Elements of a group's run.</summary>
    public const int Run = 2048;

    public static void Sgd(ParameterTable table, SgdNumbers step)
    {
        ParameterSlot slot = table.Of(Grid.IdxX);
        int first = (Grid.IdxX - slot.FirstGroup) * Run;
        int last = slot.Value.IntLength - first > Run ? first + Run : slot.Value.IntLength;
        for (int i = first + Group.IdxX; i < last; i += Group.DimX)
        {
            float w = slot.Value[i];
            float g = step.GradientScale * slot.Gradient[i] + step.WeightDecay * slot.Decay * w;
            float before = slot.First[i];
            float v = step.Momentum * before + step.LearningRate * slot.LearningRate * g;
            slot.First[i] = v;
            slot.Value[i] = step.Nesterov != 0 ? w - ((1 + step.Momentum) * v - step.Momentum * before) : w - v;
            if (step.ClearGradient != 0) slot.Gradient[i] = 0;
        }
    }

    public static void AdamW(ParameterTable table, AdamWNumbers step)
    {
        ParameterSlot slot = table.Of(Grid.IdxX);
        int first = (Grid.IdxX - slot.FirstGroup) * Run;
        int last = slot.Value.IntLength - first > Run ? first + Run : slot.Value.IntLength;
        for (int i = first + Group.IdxX; i < last; i += Group.DimX)
        {
            float w = slot.Value[i];
            float g = step.GradientScale * slot.Gradient[i];
            float m = step.Beta1 * slot.First[i] + (1 - step.Beta1) * g;
            float v = step.Beta2 * slot.Second[i] + (1 - step.Beta2) * g * g;
            slot.First[i] = m;
            slot.Second[i] = v;
            float direction = m * step.Correction1 / (MathF.Sqrt(v * step.Correction2) + step.Epsilon);
            slot.Value[i] = w - step.LearningRate * slot.LearningRate * (direction + step.WeightDecay * slot.Decay * w);
            if (step.ClearGradient != 0) slot.Gradient[i] = 0;
        }
    }
}
