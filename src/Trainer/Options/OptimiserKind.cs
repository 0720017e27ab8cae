namespace IlgpuSpp.Training;

/// <summary>How the weights follow the gradient.</summary>
public enum OptimiserKind
{
    /// <summary>Stochastic gradient descent with momentum and weight decay in Caffe's order; the paper's.</summary>
    Sgd,

    /// <summary>The same with Nesterov's look-ahead along the velocity.</summary>
    Nesterov,

    /// <summary>AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization").</summary>
    AdamW,
}
