using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

public sealed class MethodCatalogTests
{
    [Fact]
    public void Every_method_is_found_by_its_name_and_says_what_it_is()
    {
        foreach (IRoundMethod method in MethodCatalog.All)
        {
            Assert.Equal(method.Info, MethodCatalog.Get(method.Info.Name).Info);
            Assert.NotEmpty(method.Info.Title);
            Assert.EndsWith(".", method.Info.Game);
            Assert.True(method.Info.Note == "" || method.Info.Note.EndsWith('.'));
            Assert.True(method.Info.Note != "" || method.Info.Axioms == Axioms.All, "What falls short of an axiom needs a note.");
        }
        Assert.Equal(MethodCatalog.All.Count, MethodCatalog.All.Select(method => method.Info.Name).Distinct().Count());
        Assert.Equal("exact", MethodCatalog.Get(MethodCatalog.ExactName).Info.Name);
        Assert.Equal("permutation", MethodCatalog.Get(MethodCatalog.PermutationName).Info.Name);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<FormatException>(() => MethodCatalog.Get("shapely")).Message;
        Assert.StartsWith("There is no valuation method 'shapely'; there are exact, permutation, ", message);
        Assert.Throws<FormatException>(() => MethodCatalog.Get("Exact"));
    }

    [Fact]
    public void Who_says_so_enumerates_all_coalitions_and_nobody_else_does()
    {
        foreach (IRoundMethod method in MethodCatalog.All)
        {
            RoundEvidence evidence = VectorRound.Random(4, 1).Evidence();
            method.Value(evidence);
            Assert.Equal(method.Info.Enumerates, evidence.Table is not null);
        }
    }

    [Fact]
    public void The_same_evidence_gives_the_same_bits_whatever_the_threads()
    {
        foreach (IRoundMethod method in MethodCatalog.All)
        {
            Estimate one = method.Value(VectorRound.Random(5, 2).Evidence(threads: 1)).Estimate;
            foreach (int threads in new[] { 1, 2, 4 })
            {
                Estimate other = method.Value(VectorRound.Random(5, 2).Evidence(threads: threads)).Estimate;
                Assert.Equal(one.Values, other.Values);
                Assert.Equal(one.Replicates, other.Replicates);
                Assert.Equal(one.SamplingErrors, other.SamplingErrors);
            }
        }
    }

    [Fact]
    public void A_method_looks_at_what_it_says_it_needs_and_at_nothing_else()
    {
        string[] onUpdates =
            ["gradient-shapley", "gradient-shapley-agreement", "logdet:lambda=0.01", "ridge-leverage:lambda=0.01", "cgsv:momentum=0.95"];
        Assert.Equal(onUpdates.Order(), MethodCatalog.All.Where(m => m.Info.Needs == MethodNeeds.Updates).Select(m => m.Info.Name).Order());
        Assert.Equal(["shapfed:momentum=0.95"], MethodCatalog.All.Where(m => m.Info.Needs == MethodNeeds.NativeModel).Select(m => m.Info.Name));
        Assert.Equal(MethodCatalog.AgreementName, MethodCatalog.WithoutValidation[0].Info.Name);
        Assert.Subset(onUpdates.ToHashSet(), MethodCatalog.WithoutValidation.Select(method => method.Info.Name).ToHashSet());
        foreach (IRoundMethod method in MethodCatalog.All)
        {
            RoundEvidence all = VectorRound.Random(4, 5).Evidence(), few = VectorRound.Random(4, 5).WithoutValidation(MethodNeeds.Updates);
            RoundEvidence native = VectorRound.Random(4, 5).WithoutValidation(MethodNeeds.NativeModel);
            foreach ((RoundEvidence evidence, MethodNeeds there) in new[] { (few, MethodNeeds.Updates), (native, MethodNeeds.NativeModel) })
            {
                if (method.Info.Needs <= there)
                    Assert.Equal(method.Value(all).Estimate.Values, method.Value(evidence).Estimate.Values);
                else
                    Assert.Throws<InvalidOperationException>(() => method.Value(evidence));
            }
        }
    }

    [Fact]
    public void Only_what_needs_no_validation_rows_has_no_interval()
    {
        foreach (IRoundMethod method in MethodCatalog.All)
        {
            Estimate estimate = method.Value(VectorRound.Random(4, 3).Evidence()).Estimate;
            bool known = method.Info.Needs == MethodNeeds.Validation;
            Assert.Equal(known, estimate.HasInterval);
            Assert.Equal(known ? VectorRound.Columns - 1 : 0, estimate.Replicates.Count);
            for (int j = 0; j < 4; j++)
            {
                bool clipped = method.Info.Name == "dig-fl" && estimate.Replicates.All(replicate => replicate[j] == 0); // the two happen to agree
                bool open = estimate.Interval(j) is (var low, var high) && low < estimate.Values[j] && estimate.Values[j] < high;
                Assert.True(known == (open || clipped), $"{method.Info.Name}, participant {j}: {estimate.Values[j]:R} in {estimate.Interval(j)}.");
            }
        }
    }

    [Fact]
    public void A_round_without_updates_has_no_values()
    {
        foreach (IRoundMethod method in MethodCatalog.All)
            Assert.Empty(method.Value(VectorRound.Random(0, 4).Evidence()).Estimate.Values);
    }
}
